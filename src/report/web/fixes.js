// What each device needs to take the network whole: each step with its saving and its proof, or the route.
const proofText = (proof) => [at(`${proof}/different`) === 0 ? 'equal: ' : [figure(`${proof}/different`, 'count'), ' differ of '], figure(`${proof}/values`, 'count'), ' values on ', h('span', {class: 'mono'}, at(`${proof}/on`)),
  at(`${proof}/different`) ? [', by at most ', figure(`${proof}/max_relative`, 'short'), ' of the largest'] : ''];

// Before and after, where the step changed them.
function savings(step) {
  const parts = [['rejected', 'operators that fail the whole'], ['not_mapped', 'operators refused'], ['misreported', 'operators misplaced'], ['transitions', 'changes of side'], ['boundary_bytes', 'cross', 'bytes'], ['streamed_bytes', 'streamed', 'bytes'], ['added_stages', 'stages added'], ['operators', 'operators']]
      .filter(([key]) => at(`${step}/before/${key}`) !== at(`${step}/after/${key}`));
  return parts.length ? parts.map(([key, what, unit], index) => [index ? '; ' : '', what, ' ', figure(`${step}/before/${key}`, unit), ' → ', figure(`${step}/after/${key}`, unit)]) : absent();
}

function fixState(fix) {
  if (at(`${fix}/target`) === 'cpu') return h('span', {class: 'state good'}, 'takes everything; this is computed for nothing');
  if (!at(`${fix}/whole`)) return h('span', {class: 'state bad'}, 'does not take all of it');
  return h('span', {class: 'state good'}, has(`${fix}/rewrites`) || has(`${fix}/conversion`) ? 'takes all of it, fixed' : 'takes all of it as it is');
}

function fixCard(fix) {
  const conversion = `${fix}/conversion`, steps = each(`${fix}/rewrites`);
  return h('div', {class: 'card'}, h('h3', {}, deviceName(fix)), facts([
    ['Verdict', [fixState(fix), has(`${fix}/vendor/verdict`) ? ' (the vendor’s compiler was asked)' : '']],
    ['One inference', has(`${fix}/predicted_us`) && at(`${fix}/whole`) ? [interval(`${fix}/predicted_us`), basis('predicted')] : ''],
    ['Converted', has(conversion) ? [`${at(`${conversion}/from/format`)} to ${at(`${conversion}/to/format`)}`, has(`${conversion}/proof`) ? ['; ', proofText(`${conversion}/proof`)] : ''] : ''],
    ['Gain here', has(`${fix}/measured`) ? [figure(`${fix}/measured/before/median_us`, 'us'), ' → ', figure(`${fix}/measured/after/median_us`, 'us'), ' on ', h('span', {class: 'mono'}, at(`${fix}/measured/on`)), ', ', at(`${fix}/measured/verdict`), basis('measured')] : ''],
    ['All steps together', has(`${fix}/proof`) ? proofText(`${fix}/proof`) : ''],
    ['File', has(`${fix}/file`) ? h('code', {}, at(`${fix}/file`)) : at(`${fix}/whole`) ? h('code', {}, `edgescope analyze ${at('/input')} --fixed FOLDER`) : ''],
    ['To do', has(`${fix}/route`) ? prose(at(`${fix}/route`)) : ''],
  ]), steps.length ? h('div', {class: 'after'}, table(steps, [
    {title: 'Step', key: '/id'},
    {title: 'What it does', key: '/about', wide: true},
    {title: 'Where', key: '/where', wide: true, cell: (_, where) => where.slice(0, 3).join(', ') + (where.length > 3 ? ` and ${where.length - 3} more` : '')},
    {title: 'Saves', basis: 'predicted', key: '', wide: true, cell: savings},
    {title: 'Equivalence', key: '/equivalence'},
    {title: 'Proof', basis: 'measured', key: '', wide: true, cell: (step) => proofText(`${step}/proof`)},
  ], {label: `Steps for the ${deviceName(fix)}`, sortable: true})) : '', has(`${fix}/left_out`) ? h('details', {}, h('summary', {}, 'Left out'), facts(each(`${fix}/left_out`).map((one) => [at(`${one}/id`), prose(at(`${one}/reason`))]))) : '');
}

function fixes() {
  return has('/fixes') ? section('fixes', 'Fix', 'What to fix', '', 'For each device: what makes it take the network whole, done and proven on a CPU runtime, or the route where that needs you.', h('div', {class: 'stack'}, each('/fixes').map(fixCard))) : null;
}
