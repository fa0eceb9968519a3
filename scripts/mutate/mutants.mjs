// Mutants of a TypeScript source: small changes of its mathematics, all of them written into one text and switched on by number.
import { parseAst } from 'rolldown/parseAst';

const arithmetic = { '+': '-', '-': '+', '*': '/', '/': '*', '**': '*', '%': '*' };
const comparison = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '===': '!==', '!==': '===' };
const logical = { '&&': '||', '||': '&&' };
/** Functions that make nodes of a graph, which are its operators: a mutant leaves them out, for their first argument. */
const functions = new Set(['add', 'subtract', 'multiply', 'divide', 'negate', 'scale', 'shift', 'square', 'sqrt', 'exp', 'log', 'abs', 'sign', 'maximum', 'minimum', 'broadcastTo', 'stopGradient', 'reciprocal']);

const isText = (node) => (node.type === 'Literal' && typeof node.value === 'string') || node.type === 'TemplateLiteral'
  || (node.type === 'BinaryExpression' && node.operator === '+' && (isText(node.left) || isText(node.right)));
const isNode = (value) => value !== null && typeof value === 'object' && typeof value.type === 'string';

/** What one node could be instead: a description, and its text where `print` gives that of a child. */
function alternatives(node, source, print) {
  const text = source.slice(node.start, node.end);
  switch (node.type) {
    case 'BinaryExpression': {
      const other = arithmetic[node.operator] ?? comparison[node.operator];
      if (other === undefined || (node.operator === '+' && isText(node))) return [];
      return [{ what: `${node.operator} → ${other}`, text: () => `(${print(node.left)}) ${other} (${print(node.right)})` }];
    }
    case 'LogicalExpression': {
      const other = logical[node.operator];
      return other === undefined ? [] : [{ what: `${node.operator} → ${other}`, text: () => `(${print(node.left)}) ${other} (${print(node.right)})` }];
    }
    case 'UnaryExpression':
      return node.operator === '-' || node.operator === '!' ? [{ what: `without ${node.operator}`, text: () => `(${print(node.argument)})` }] : [];
    case 'Literal':
      if (typeof node.value === 'boolean') return [{ what: `${text} → ${!node.value}`, text: () => String(!node.value) }];
      return typeof node.value === 'number' ? [{ what: `${text} → ${Number.isInteger(node.value) ? node.value + 1 : 2 * node.value}`, text: () => String(Number.isInteger(node.value) ? node.value + 1 : 2 * node.value) }] : [];
    case 'ConditionalExpression':
      return [{ what: 'the other branch', text: () => `(${print(node.test)}) ? (${print(node.alternate)}) : (${print(node.consequent)})` }];
    case 'CallExpression':
      if (node.callee.type !== 'Identifier' || !functions.has(node.callee.name) || node.arguments.length === 0 || node.arguments[0].type === 'SpreadElement') return [];
      return [{ what: `without ${node.callee.name}`, text: () => `(${print(node.arguments[0])})` }];
    case 'ExpressionStatement':
      return node.directive === undefined && ['CallExpression', 'AssignmentExpression', 'UpdateExpression'].includes(node.expression.type) ? [{ what: 'without the statement', text: () => ';' }] : [];
    default:
      return [];
  }
}

/** Where nothing is changed: types, imports, what only errors say, keys, and texts of documentation. */
const isLeftOut = (node) => node.type.startsWith('TSType') || node.type.startsWith('TSInterface') || node.type === 'ImportDeclaration' || node.type === 'ThrowStatement' || node.type === 'TemplateLiteral';
const isKey = (parent, name) => (name === 'key' && parent.computed !== true) || name === 'typeAnnotation' || name === 'returnType' || name === 'typeArguments' || name === 'typeParameters';

function children(node) {
  return Object.entries(node).flatMap(([name, value]) => (isKey(node, name) ? [] : Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

/** All mutants of a source, each with the line and what is changed there. */
export function mutantsOf(source) {
  const found = [];
  const visit = (node) => {
    if (isLeftOut(node)) return;
    for (const { what } of alternatives(node, source, () => '')) found.push({ start: node.start, end: node.end, type: node.type, line: source.slice(0, node.start).split('\n').length, text: source.slice(node.start, node.end), what });
    for (const child of children(node)) visit(child);
  };
  visit(parseAst(source, { lang: 'ts' }));
  return found;
}

/** The source with the mutants in it, by number; `switchName` is called with one to ask whether it is on. */
export function withMutants(source, mutants, switchName) {
  const at = (node) => mutants.filter((mutant) => mutant.start === node.start && mutant.end === node.end && mutant.type === node.type);
  const print = (node) => {
    let text = '', from = node.start;
    if (!isLeftOut(node)) {
      for (const child of children(node).toSorted((a, b) => a.start - b.start)) {
        if (child.start < from) continue;
        text += source.slice(from, child.start) + printed(child);
        from = child.end;
      }
    }
    return text + source.slice(from, node.end);
  };
  const printed = (node) => {
    const plain = print(node);
    if (isLeftOut(node)) return plain;
    return at(node).reduce((text, { number, what }) => {
      const other = alternatives(node, source, print).find((each) => each.what === what).text();
      return node.type === 'ExpressionStatement' ? `if (!${switchName}(${number})) ${text}` : `(${switchName}(${number}) ? (${other}) : (${text}))`;
    }, plain);
  };
  const program = parseAst(source, { lang: 'ts' });
  return source.slice(0, program.start) + printed(program) + source.slice(program.end);
}
