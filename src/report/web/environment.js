// What a reader needs to know to believe the figures: the machine, the runtimes, the harness, the warnings.
const titled = (name) => name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

function members(pointer) {
  return facts(Object.keys(at(pointer) ?? {}).filter((key) => key !== 'basis' && has(`${pointer}/${key}`)).map((key) => {
    const inner = `${pointer}/${key}`, found = at(inner);
    const unit = key.endsWith('_us') ? 'us' : key.endsWith('bytes') ? 'bytes' : 'plain';
    return [titled(key.replace(/_(us|bytes)$/, '')), found !== null && typeof found === 'object' && !Array.isArray(found) ? members(inner) : value(inner, unit)];
  }));
}

function environment() {
  if (!has('/environment')) return null;
  return section('environment', 'Environment', 'Environment and method', '', '',
      h('div', {class: 'grid'}, h('div', {class: 'card'}, h('h3', {}, 'Machine'), members('/environment')),
          has('/harness') ? h('div', {class: 'card'}, h('h3', {}, 'Harness', basis('measured')), members('/harness')) : ''));
}
