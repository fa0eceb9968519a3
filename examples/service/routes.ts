// What the service answers, whatever server carries it.
import type { Prediction, Tables } from 'densely';
import type { ServedModel } from './model.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** `body` is the parsed JSON of a POST. */
  handle(body: unknown): Promise<Answer>;
}

/** Bad input is the caller's fault, too much of it nobody's; the rest is ours and stays in the log. */
const statuses: Readonly<Record<string, number>> = { ERR_SHAPE: 400, ERR_DATA: 400, ERR_OPTION: 400, ERR_OVERLOADED: 503, ERR_DISPOSED: 503 };

const refusal = (status: number, error: string, headers?: Record<string, string>): Answer => ({ status, body: { error }, ...(headers && { headers }) });

/** `[predict] expected 784 features …` without the name of the function. */
function sentenceOf(error: unknown): string {
  return (error as Error).message.replace(/^\[[^\]]*\] /, '');
}

function rowsOf({ shape: [rows, width], data }: Prediction): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width)));
}

async function predict(model: ServedModel, body: unknown): Promise<Answer> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refusal(400, "expected a JSON object { \"x\": … } with one row of numbers or several");
  const unknown = Object.keys(body).find((key) => key !== 'x');
  if (unknown !== undefined) return refusal(400, `expected 'x' as the body's only property but received ${JSON.stringify(unknown.slice(0, 40))}`);
  if (!('x' in body)) return refusal(400, "expected property 'x' in the body, one row of numbers or several");
  try {
    const answer = await model.predict(body.x as Tables), { outputs } = answer;
    return { status: 200, body: { outputs: outputs === undefined ? rowsOf(answer) : Object.fromEntries(Object.entries(outputs).map(([name, each]) => [name, rowsOf(each)])) } };
  } catch (error) {
    const status = statuses[(error as { code?: string }).code ?? ''];
    if (status === undefined) throw error;
    return refusal(status, sentenceOf(error), status === 503 ? { 'retry-after': '1' } : undefined);
  }
}

export function routesOf(model: ServedModel): Route[] {
  return [
    { method: 'POST', url: '/predict', handle: (body) => predict(model, body) },
    { method: 'GET', url: '/health', handle: async () => ({ status: 200, body: { status: 'ok' } }) },
    { method: 'GET', url: '/ready', handle: async () => (model.isReady ? { status: 200, body: { status: 'ready', model: model.description } } : refusal(503, 'the service is shutting down')) },
    { method: 'GET', url: '/metrics', handle: async () => ({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: model.prometheus() }) },
  ];
}
