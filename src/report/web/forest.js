// The analysis of a tree ensemble: which program on which device, every program on every target, whether the exact one
// is exact, what others' code does, and what the forest is.
const placeOf = (program) => at(`${program}/on`) ?? deviceNames[at(`${program}/target`) ?? at(`${program}/device`)] ?? 'CPU';
const rowsText = (pointer) => at(`${pointer}/batch`) === 1 ? 'one row at a time' : [figure(`${pointer}/batch`), ' rows at a time'];
const spanOf = (pointer) => at(`${pointer}/0`) === at(`${pointer}/1`) ? figure(`${pointer}/0`, 'us') : [figure(`${pointer}/0`, 'us'), ' to ', figure(`${pointer}/1`, 'us')];

function choiceCard(verdict) {
  return card(['A row, ', rowsText(verdict)], at(`${verdict}/basis`), spanOf(`${verdict}/row_us`), h('strong', {}, at(`${verdict}/strategy`)), ' in ',
      h('span', {class: 'mono'}, placeOf(verdict)), '; ', at(`${verdict}/rests_on`), at(`${verdict}/valid`) ? '' : '; not settled');
}

function exactCard() {
  const runs = each('/exactness/runs').filter((run) => at(`${run}/strategy`) === 'exact' && at(`${run}/valid`));
  if (!runs.length) return null;
  const worst = runs.reduce((a, b) => at(`${b}/leaf_mismatches`) > at(`${a}/leaf_mismatches`) ? b : a);
  return card('Leaves that differ, exact program', 'measured', h('span', {class: `state ${at(`${worst}/leaf_mismatches`) ? 'bad' : 'good'}`}, figure(`${worst}/leaf_mismatches`)),
      'of ', figure(`${worst}/leaves`, 'count'), ' on each of ', String(runs.length), ' runtimes');
}

function boundCard() {
  if (!has('/bound')) return null;
  return card('The Edge TPU at most', 'predicted', [figure('/bound/predicted_rows_per_second/1', 'count'), ' rows/s'], 'over its link in batches of ', figure('/bound/batch'), '; by its peak ', figure('/bound/peak_rows_per_second', 'count'),
      has('/bound/cpu_rows_per_second') ? ['; this CPU does ', figure('/bound/cpu_rows_per_second', 'count'), ' (measured)'] : '');
}

function forestVerdict() {
  const totals = '/forest/totals';
  return h('section', {id: 'top', 'aria-label': 'Verdict', style: 'margin-top: 0'}, hero(), h('div', {class: 'cards'}, each('/verdicts').map(choiceCard), exactCard(), boundCard(),
      card('The forest', 'exact', [figure(`${totals}/trees`), ' trees'], 'of depth ', figure(`${totals}/depth`), ' at most; ', figure(`${totals}/nodes`, 'count'), ' tests of ', figure(`${totals}/used_features`), ' of ', figure('/forest/features'), ' features')));
}

// What to take where: the file's name, or the command that writes it.
function forestChoices() {
  const choices = each('/verdicts').flatMap((verdict) => [verdict, ...each(`${verdict}/rivals`).filter((rival) => at(`${rival}/device`) !== at(`${verdict}/device`))]);
  if (!choices.length) return null;
  return section('files', 'Files', 'Which device, which file', '', 'The first of each size is the one to take; the others are the best that the other devices do.', table(choices, [
    {title: 'Rows', key: '/batch', right: true},
    {title: 'Device', key: '/device', cell: placeOf},
    {title: 'Program', key: '/strategy'},
    {title: 'A row', key: '/row_us', right: true, order: (choice) => at(`${choice}/row_us/0`), cell: (choice) => interval(`${choice}/row_us`)},
    {title: 'Basis', key: '/basis', cell: (_, name) => basis(name)},
    {title: 'Against the CPU', key: '/verdict', cell: (_, found) => found ?? 'take this'},
    {title: 'File, or the command that writes it', key: '/command', wide: true, cell: (choice) => h('code', {}, at(`${choice}/file`) ?? at(`${choice}/command`))},
  ], {label: 'What to take on each device', chosen: (choice) => at(`${choice}/rivals`) !== undefined}));
}

const programState = (program) => !at(`${program}/runs`) ? h('span', {class: 'state bad'}, 'does not run') : at(`${program}/valid`) === false ? h('span', {class: 'state warn'}, 'not settled') : h('span', {class: 'state good'}, 'runs');

// The range of a row's time of each program, on a scale by powers of ten: programs lie far apart.
function programsChart(records, batch) {
  const timed = records.filter((program) => has(`${program}/row_us`) && at(`${program}/runs`)).sort((a, b) => at(`${a}/row_us/0`) - at(`${b}/row_us/0`));
  if (!timed.length) return '';
  const colour = {measured: 0, predicted: 1};
  const name = (program) => `${at(`${program}/strategy`)}, ${placeOf(program)}`;
  const ends = (program) => at(`${program}/row_us`).map((us, end) => us * (end ? 1.02 : 0.98));  // a narrow interval is still seen
  return plot(batch === 1 ? 'One row at a time' : `${batch} rows at a time`, '', 'Time of a row, from the low to the high end of its interval, the host’s part included, on a logarithmic scale.', barHeight(timed.length) + 40, () => ({
    type: 'bar',
    data: {
      labels: timed.map((program) => clipped(name(program), narrow() ? 20 : 34)),
      datasets: Object.entries(colour).map(([mark, index]) => ({label: mark, data: timed.map((program) => at(`${program}/basis`) === mark ? ends(program) : null), backgroundColor: hue(index), maxBarThickness: 16, minBarLength: 5, grouped: false})),
    },
    options: {
      indexAxis: 'y',
      plugins: {tooltip: {callbacks: {label: (item) => `${name(timed[item.dataIndex])}: ${at(`${timed[item.dataIndex]}/row_us`).map(units.us).join(' to ')} a row`}}},
      scales: {x: {type: 'logarithmic', ticks: {callback: (us) => Number.isInteger(Math.log10(us)) ? tick('us')(us) : '', maxRotation: 0, autoSkip: false}}, y: {grid: {display: false}, ticks: {autoSkip: false}}},
    },
  }));
}

function forestPrograms() {
  const records = each('/programs');
  if (!records.length) return null;
  const batches = [...new Set(records.map((program) => at(`${program}/batch`)))];
  return section('programs', 'Programs', 'Every program on every target', '', 'Measured on this CPU, predicted for the devices. A row’s time includes what the host does before and after the program.',
      h('div', {class: 'grid'}, batches.map((batch) => programsChart(records.filter((program) => at(`${program}/batch`) === batch), batch))), h('div', {class: 'after'}, table(records, [
        {title: 'Target', key: '', order: placeOf, cell: placeOf},
        {title: 'Program', key: '/strategy'},
        {title: 'Rows', key: '/batch', right: true},
        {title: 'State', key: '/runs', cell: programState},
        {title: 'A row', key: '/row_us', right: true, order: (program) => at(`${program}/row_us/0`), cell: (program) => interval(`${program}/row_us`)},
        {title: 'Why', key: '/reason', wide: true, cell: (program, reason) => prose(reason ?? at(`${program}/rests_on`))},
        {title: 'A run', key: '/interval_us', right: true, order: (program) => at(`${program}/interval_us/0`), cell: (program) => interval(`${program}/interval_us`)},
        {title: 'Host', key: '/host_us', unit: 'us', right: true},
        {title: 'Basis', key: '/basis', cell: (_, name) => basis(name)},
        {title: 'Constants', key: '/parameter_bytes', unit: 'bytes', right: true},
        {title: 'Fits', key: '/fits'},
      ], {label: 'Every program on every target', sortable: true, search: 'Find a program or target', tall: true})));
}

function forestExactness() {
  if (!has('/exactness/runs')) return null;
  return section('exactness', 'Exactness', 'Do the programs say what the forest says', 'measured', 'Leaf by leaf against the forest itself, on rows that hold thresholds and what lies a unit in the last place beside them, and special values.', table(each('/exactness/runs'), [
    {title: 'Program', key: '/strategy'},
    {title: 'Runtime', key: '/on'},
    {title: 'Rows', key: '/rows', right: true},
    {title: 'Leaves that differ', key: '/leaf_mismatches', right: true},
    {title: 'of', key: '/leaves', unit: 'count', right: true},
    {title: 'Labels that flip', key: '/label_flips', right: true},
    {title: 'Largest difference', key: '/max_difference', unit: 'short', right: true},
    {title: 'Why', key: '/explanation', wide: true, cell: (run, why) => prose(why ?? at(`${run}/reason`))},
  ], {label: 'Leaves that differ', sortable: true}));
}

function forestPeers() {
  if (!has('/peers')) return null;
  return section('peers', 'Others', 'What other code does', 'published', ['On a forest of ', figure('/peers/0/trees'), ' trees of depth ', figure('/peers/0/depth'), ', the published one nearest in size; one thread of another machine, fresh rows, a call with one row and with 1000. A factor of two says nothing.'], table(each('/peers'), [
    {title: 'Code', key: '/name'},
    {title: 'What it is', key: '/native', cell: (_, native) => native ? 'native, walks trees' : 'a tensor program'},
    {title: '1 row', key: '/one_us', unit: 'us', right: true},
    {title: '1000 rows', key: '/thousand_us', unit: 'us', right: true},
  ], {label: 'Times of others', sortable: true}));
}

function forestItself() {
  const depths = each('/forest/depths');
  return section('forest', 'The forest', 'The forest', 'exact', '', h('div', {class: 'grid'},
      plot('Where the leaves lie', 'exact', 'Leaves at each depth, of all trees together.', 220, () => ({
        type: 'bar',
        data: {labels: depths.map((depth) => at(`${depth}/depth`)), datasets: [{data: depths.map((depth) => at(`${depth}/leaves`)), backgroundColor: hue(2), maxBarThickness: 28, minBarLength: 1}]},
        options: {plugins: {legend: {display: false}}, scales: {x: {title: axisTitle('depth'), grid: {display: false}}, y: {beginAtZero: true, ticks: {maxTicksLimit: 5}}}},
      })),
      h('div', {class: 'card'}, facts([
        ['Written by', value('/forest/producer')], ['Format', value('/forest/format')], ['Result', [figure('/forest/columns'), at('/forest/classifier') ? ' classes' : ' numbers']],
        ['Leaves', figure('/forest/totals/leaves', 'count')], ['Thresholds', figure('/forest/totals/thresholds', 'count')], ['Leaves are combined by', value('/forest/aggregate')], ['Then', value('/forest/post_transform')],
        ['Precision of rows, sums, result', ['input', 'sum', 'result'].map((what, index) => [index ? ', ' : '', value(`/forest/precision/${what}`)])],
      ]))),
      h('div', {class: 'after'}, table(each('/forest/features_used'), [
        {title: 'Feature', key: '/index', right: true}, {title: 'Name', key: '/name', cell: (_, name) => name ?? ''}, {title: 'Tests', key: '/nodes', right: true}, {title: 'Thresholds', key: '/thresholds', right: true}, {title: 'Not in float32', key: '/not_float32', right: true},
      ], {label: 'Features that are tested', sortable: true, tall: true})));
}

const forestSections = () => [forestVerdict(), forestChoices(), forestPrograms(), forestExactness(), forestPeers(), forestItself(), environment()];
