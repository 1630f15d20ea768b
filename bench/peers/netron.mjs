// Netron without its window: netron.mjs FOLDER-OF-NETRON MODEL. What the page does to a file before it draws.
//
// The file is in memory, as in the page that the package serves to a browser. Netron's desktop window reads
// through two windows of 256 MiB instead, which a FlatBuffer of over 512 MiB makes it refill for every buffer:
// the list of buffers stands at the beginning, their tables beside the data, and their vtable at the end.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.join(folder, name)));
const [{ ModelFactoryService }, { BinaryStream }] = await Promise.all([load('view.js'), load('base.js')]);

const host = {
    environment: () => null,
    require: (id) => load(`${id}.js`),
    request: (name, encoding) => fs.promises.readFile(path.join(folder, name), encoding),
    event: () => {},
    exception: (error) => { throw error; },
};
const content = fs.readFileSync(file);
const context = {
    identifier: path.basename(file),
    stream: new BinaryStream(new Uint8Array(content.buffer, content.byteOffset, content.length)),
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
