// The service on Fastify.
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyError } from 'fastify';
import type { ServedModel } from './model.ts';
import { routesOf } from './routes.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Most bytes of a body. */
  readonly bodyLimit: number;
  readonly log?: (sentence: string) => void;
}

/** Fastify's own refusals as sentences that say what was expected. */
function sentenceOf({ statusCode, code }: FastifyError, bodyLimit: number): string {
  if (statusCode === 413) return `expected a body of at most ${bodyLimit} bytes`;
  if (statusCode === 415) return 'expected a body of content type application/json';
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return 'expected a body but it is empty';
  return 'expected the body to be JSON';
}

/** Starts to listen; `close` answers the requests in flight and takes no others. */
export async function serve(model: ServedModel, { host, port, bodyLimit, log }: ServerOptions): Promise<{ port: number; close: () => Promise<void> }> {
  const app = fastify({ bodyLimit, forceCloseConnections: 'idle' });
  for (const { method, url, handle } of routesOf(model)) {
    app.route({
      method, url,
      handler: async (request, reply) => {
        const { status, headers = {}, body } = await handle(request.body);
        // Clients that hear it leave, so that nobody has to wait for their connections to time out.
        const leaving = model.isReady ? {} : { connection: 'close' };
        return reply.code(status).headers({ ...headers, ...leaving }).send(body);
      },
    });
  }
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'expected POST /predict, GET /health, GET /ready or GET /metrics' }));
  app.setErrorHandler<FastifyError>(async (error, _request, reply) => {
    const { statusCode: status = 500 } = error;
    if (status < 500) return reply.code(status).send({ error: sentenceOf(error, bodyLimit) });
    log?.(error.stack ?? error.message);
    return reply.code(500).send({ error: 'the service failed; its log says why' });
  });
  await app.listen({ host, port });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}
