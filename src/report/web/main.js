// Puts the page together and minds its theme.
function theme() {
  const root = document.documentElement, button = document.getElementById('theme');
  const names = ['auto', 'light', 'dark'];
  let chosen = 'auto';
  try { chosen = localStorage.getItem('edgescope-theme') ?? 'auto'; } catch { /* a page from a file may have no storage */ }
  const apply = () => {
    if (chosen === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', chosen);
    button.textContent = `Theme: ${chosen}`;
  };
  button.addEventListener('click', () => {
    chosen = names[(names.indexOf(chosen) + 1) % names.length];
    try { localStorage.setItem('edgescope-theme', chosen); } catch { /* as above */ }
    apply();
    drawAll();
  });
  apply();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
}

function save() {
  const link = h('a', {download: `${String(report.input).split('/').pop()}.json`, href: URL.createObjectURL(new Blob([JSON.stringify(report, null, 1)], {type: 'application/json'}))});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

theme();
document.title = `${String(report.input).split('/').pop()} · edgescope ${report.command}`;
document.getElementById('save').addEventListener('click', save);
const sections = (at('/command') === 'sweep' ? [sweepHead(), ...answers(), sweepPoints(), environment()] : has('/programs') ? forestSections() : [verdict(), fixes(), findings(), latency(), profile(), bytes(), predictions(), ...checks(), compiled(), compiledTiles(), ports(), operators(), environment()]).filter(Boolean);
document.getElementById('report').append(...sections);
document.getElementById('contents').append(...sections.slice(1).map((part) => h('a', {href: `#${part.id}`}, part.dataset.short)));
document.getElementById('foot').append(
    h('p', {}, 'Every number comes from the JSON document inside this page (schema version ', figure('/schema_version'), ') and is marked ',
        Object.keys(meanings).map((name) => basis(name)), '. An interval stands beside what is uncertain.'),
    has('/left_out') ? h('p', {}, 'Left out of this page for its size: ', at('/left_out').join('; '), '. ', h('code', {}, 'edgescope analyze --format json'), ' has them.') : '');
drawAll();
document.documentElement.setAttribute('data-ready', String(drawn.length));
