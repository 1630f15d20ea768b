// What a reader wants first: what the model is, how fast, how sure, do the runtimes agree, what to do.
const card = (name, mark, shown, ...notes) =>
    h('div', {class: 'card'}, h('p', {class: 'name'}, name, basis(mark)), h('p', {class: 'value'}, shown), h('p', {class: 'note'}, notes));

const valid = () => each('/runs').filter((run) => at(`${run}/median_us`) !== undefined);
const indexOf = (pointer) => Number(pointer.split('/').pop());  // a runtime keeps its colour on the whole page
const fastest = () => each('/runs').find((run) => at(`${run}/on`) === at('/summary/fastest'));

function speedCard() {
  const run = fastest();
  if (!run) return card('Latency', '', 'not measured', at('/summary/remedy') ?? '');
  return card('Fastest CPU runtime', 'measured', figure(`${run}/median_us`, 'us'), h('span', {class: 'mono'}, at(`${run}/on`)),
      ', ', figure(`${run}/runtime/threads`), at(`${run}/runtime/threads`) === 1 ? ' thread' : ' threads');
}

function surenessCard() {
  const run = fastest();
  if (!run) return null;
  return card('How sure', 'measured', at(`${run}/valid`) === false ? h('span', {class: 'state bad'}, 'invalid') : interval(`${run}/interval_us`),
      at(`${run}/valid`) === false ? at(`${run}/reason`) : ['95 % interval over ', figure(`${run}/processes`), ' processes, ', figure(`${run}/samples`, 'count'), ' inferences']);
}

function agreementCard() {
  if (!has('/summary/agreement')) return null;
  const tones = {equal: 'good', close: 'good', differs: 'warn'};
  const words = {equal: 'equal', close: 'agree', differs: 'differ'};
  const found = at('/summary/agreement');
  return card('Predictions', 'measured', h('span', {class: `state ${tones[found] ?? ''}`}, words[found] ?? found), prose(at('/summary/agreement_why')));
}

function hero() {
  const points = each('/summary/points').map((point) => h('li', {}, prose(at(point))));
  return h('div', {class: 'hero', id: 'verdict'}, h('p', {class: 'eyebrow mono'}, at('/input')),
      h('h1', {}, prose(at('/summary/headline') ?? `${at('/command')} ${at('/input')}`)), points.length ? h('ul', {}, points) : '');
}

function verdict() {
  const model = '/model';
  return h('section', {id: 'top', 'aria-label': 'Verdict', style: 'margin-top: 0'}, hero(), h('div', {class: 'cards'},
      speedCard(), surenessCard(), agreementCard(),
      card('Size of the file', 'exact', figure(`${model}/totals/file_bytes`, 'bytes'), figure(`${model}/totals/parameters`, 'count'), ' parameters'),
      card('Work of one inference', 'exact', at(`${model}/totals/macs`) === 0 && has(`${model}/totals/operators_without_macs`) ? 'unknown' : figure(`${model}/totals/macs`, 'count'),
          'multiply-accumulates in ', figure(`${model}/totals/operators`), ' operators',
          has(`${model}/totals/operators_without_macs`) ? [', without ', figure(`${model}/totals/operators_without_macs`), ' whose shapes the file does not hold'] : ''),
      card('Findings', '', h('data', {value: String((at('/findings') ?? []).length)}, String((at('/findings') ?? []).length)),
          has('/findings') ? h('a', {href: '#findings'}, 'what they cost and what to do') : 'nothing found that costs anything')));
}
