// What the analysis found: where, what it costs, why, what to do.
function cost(finding) {
  const of = `${finding}/cost`, parts = [];
  if (has(`${of}/us`)) parts.push(Array.isArray(at(`${of}/us`)) ? interval(`${of}/us`) : figure(`${of}/us`, 'us'));
  if (has(`${of}/bytes`)) parts.push(figure(`${of}/bytes`, 'bytes'));
  return parts.length ? h('span', {}, parts.map((part, index) => [index ? ', ' : '', part]), basis(at(`${of}/basis`))) : '';
}

const findingCard = (finding) => h('article', {class: 'finding'}, h('h3', {}, h('span', {}, prose(at(`${finding}/title`) ?? at(`${finding}/id`))), cost(finding)),
    at(`${finding}/where`) ? h('p', {class: 'lead'}, prose(at(`${finding}/where`))) : '', h('p', {}, prose(at(`${finding}/why`))),
    at(`${finding}/remedy`) ? h('p', {class: 'remedy'}, h('strong', {}, 'Remedy: '), prose(at(`${finding}/remedy`))) : '');

function findings() {
  const records = each('/findings');
  return records.length ? section('findings', 'Findings', 'Findings', '', 'Each with its cost, the cause, and what removes it.', records.map(findingCard)) : null;
}
