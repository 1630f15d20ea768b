// Netron without its window: netron.mjs FOLDER-OF-NETRON MODEL. What the page does to a file before it draws.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.join(folder, name)));
const [{ ModelFactoryService }, { FileStream }] = await Promise.all([load('view.js'), load('node.js')]);

const host = {
    environment: () => null,
    require: (id) => load(`${id}.js`),
    request: (name, encoding) => fs.promises.readFile(path.join(folder, name), encoding),
    event: () => {},
    exception: (error) => { throw error; },
};
const { size, mtimeMs } = fs.statSync(file);
const context = {
    identifier: path.basename(file),
    stream: new FileStream(file, 0, size, mtimeMs),
    entries: new Map(),
    request: host.request,
    require: host.require,
    error: host.exception,
};
const model = await new ModelFactoryService(host).open(context);
let seen = 0;
for (const graph of model.modules ?? model.graphs) {
    seen += graph.nodes.length;
}
console.log(seen);
