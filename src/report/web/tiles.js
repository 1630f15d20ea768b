// The Edge TPU's 16 tiles as a picture: one bar a tile, its rows from left to right, a colour a layer. The
// same function draws what is predicted (a layer a group) and what a compiled file holds (one group).
const kTiles = 16, kTileRows = 2080;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, content] of Object.entries(attributes)) node.setAttribute(name, content);
  node.append(...children);
  return node;
}

// groups: [{name, placement}], `placement` a pointer to records {tiles, row, rows}; `used` a pointer to the rows
// taken by tile, or nothing; `limit` the rows that parameters may take, or nothing.
function tileMap(title, marks, describe, groups, {used, limit} = {}) {
  const bars = Array.from({length: kTiles}, () => []);
  groups.forEach((group, index) => (at(group.placement) ?? []).forEach((block) => block.tiles.forEach((tile) => bars[tile]?.push(
      svg('rect', {x: block.row, y: 0, width: block.rows, height: 10, style: `fill: var(--c${(index % 8) + 1})`}, svg('title', {}, group.name))))));
  const rows = bars.map((rects, tile) => [
    h('span', {class: 'soft'}, String(tile)),
    svg('svg', {viewBox: `0 0 ${kTileRows} 10`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `Tile ${tile}: ${rects.length} pieces`},
        ...rects, ...(limit ? [svg('line', {x1: limit, x2: limit, y1: 0, y2: 10, class: 'limit'})] : [])),
    used ? figure(`${used}/${tile}`) : '',
  ]);
  return h('figure', {class: 'card tiles-card'}, h('h3', {}, title, basis(marks)), h('figcaption', {}, describe), h('div', {class: used ? 'tiles' : 'tiles bare'}, rows));
}

// A compiled file's cached parameters, as its caching program places them.
const decodedTiles = (executable) => tileMap('Cached parameters in the 16 tiles', 'exact',
    `Each bar is a tile of ${kTileRows} rows of 256 bytes; the pieces are the transfers of the caching program.`,
    [{name: at(`${executable}/name`) ?? '', placement: `${executable}/placement`}]);

function predictedTiles(memory) {
  const layers = each(`${memory}/layers`).filter((layer) => has(`${layer}/placement`));
  if (!layers.length) return null;
  const node = tileMap('Parameters in the 16 tiles', 'predicted',
      `Each bar is a tile of ${kTileRows} rows of 256 bytes, each colour a layer; behind the line is what working memory is expected to take.`,
      layers.map((layer) => ({name: `${at(`${layer}/kind`)} ${at(`${layer}/name`)}`, placement: `${layer}/placement`})),
      {used: `${memory}/rows_used`, limit: at(`${memory}/rows_for_parameters`)});
  const largest = layers.map((layer, index) => ({layer, index})).sort((a, b) => at(`${b.layer}/stored_bytes`) - at(`${a.layer}/stored_bytes`)).slice(0, 8);
  node.append(h('ul', {class: 'swatches'}, largest.map(({layer, index}) => h('li', {}, h('i', {style: `background: var(--c${(index % 8) + 1})`}),
      clipped(String(at(`${layer}/name`)).split(';')[0], 40), ' ', figure(`${layer}/stored_bytes`, 'bytes')))));
  return node;
}
