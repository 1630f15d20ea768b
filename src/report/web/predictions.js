// Do the runtimes predict the same? Each against the reference runtime, output by output.
function predictions() {
  if (!has('/parity')) return null;
  const rows = each('/parity/pairs').flatMap((pair) => each(`${pair}/outputs`));
  const pairOf = (row) => row.split('/').slice(0, 4).join('/');
  return section('predictions', 'Predictions', 'Predictions', 'measured', 'Every runtime gets the same random inputs; each output is held against the reference runtime’s.',
      has('/parity/reference') ? h('p', {}, 'Reference: ', h('span', {class: 'mono'}, at('/parity/reference')), ', ', figure('/parity/rows'), ' seeded inputs (seed ', figure('/parity/seed'), ').') : '',
      rows.length ? table(rows, held(rows, [
        {title: 'Runtime', key: '', order: (row) => at(`${pairOf(row)}/on`), cell: (row) => at(`${pairOf(row)}/on`)},
        {title: 'Output', key: '/name', wide: true},
        {title: 'Largest difference', key: '/max_abs', unit: 'short', right: true},
        {title: 'Mean difference', key: '/mean_abs', unit: 'short', right: true},
        {title: '99.9 % within', key: '/p999_abs', unit: 'short', right: true},
        {title: 'Root mean square', key: '/rms', unit: 'short', right: true},
        {title: 'Spread of the reference', key: '/reference_sd', unit: 'short', right: true},
        {title: 'Largest, in steps', key: '/max_steps', unit: 'short', right: true},
        {title: 'Mean, in steps', key: '/mean_steps', unit: 'short', right: true},
        {title: 'Largest, in last places', key: '/max_ulps', unit: 'short', right: true},
        {title: 'Cosine', key: '/cosine', unit: 'short', right: true},
        {title: 'Signal to noise, dB', key: '/snr_db', unit: 'short', right: true},
        {title: 'Top-1 agrees', key: '/top1_agreement', unit: 'percent', right: true},
        {title: 'Of the best 5', key: '/top5_agreement', unit: 'percent', right: true},
        {title: 'Decisions flipped', key: '/decision_flips', right: true},
        {title: 'Together', key: '/agreement'},
      ]), {label: 'Differences of predictions', sortable: true}) : '',
      each('/parity/pairs').filter((pair) => at(`${pair}/reason`)).map((pair) => h('p', {class: 'lead after'}, h('span', {class: 'mono'}, at(`${pair}/on`)), ': ', prose(at(`${pair}/reason`)))));
}
