// SPDX-License-Identifier: BSD-2-Clause
// What tree-sitter finds in PowerShell: reads {name: text} from standard input,
// writes {name: {errors: [...], commands: [{line, name, parameters}]}}.
//
//     node --liftoff-only tests/hil/parse.mjs FOLDER-OF-NODE-MODULES
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.argv[2];
const { Parser, Language } = await import(
    pathToFileURL(join(modules, 'web-tree-sitter/web-tree-sitter.js')).href);

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(
    join(modules, 'tree-sitter-powershell/tree-sitter-powershell.wasm')));

// The grammar does not know 512MB: digits of the same length stand for it.
const without_units = (text) => text.replace(
    /\b(\d+)([KMGTP]B)\b/gi, (_, digits) => `${digits}00`);

function look(node, found) {
    const line = node.startPosition.row + 1;

    if (node.isError || node.isMissing)
        found.errors.push(`line ${line}: ${node.text.slice(0, 60)}`);
    if (node.type === 'command') {
        const name = node.childForFieldName('command_name');
        const elements = node.childForFieldName('command_elements');
        const parameters = (elements ? elements.children : [])
            .filter((element) => element.type === 'command_parameter')
            .map((element) => element.text);

        found.commands.push({ line, name: name ? name.text : '', parameters });
    }
    for (const child of node.children)
        look(child, found);
}

const result = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
    result[name] = { errors: [], commands: [] };
    look(parser.parse(without_units(text)).rootNode, result[name]);
}
console.log(JSON.stringify(result));
