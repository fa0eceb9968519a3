// A keep-alive connection that sends bytes made beforehand and waits for the answer, with little work of its own, so that a load test measures the service.
import { connect, type Socket } from 'node:net';

export interface Answer {
  /** 0 where the connection ended before the answer did. */
  readonly status: number;
  readonly body: string;
}

export class Connection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private resolve: ((answer: Answer) => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (part: Buffer) => this.take(part));
    socket.on('error', () => undefined);
    socket.on('close', () => this.answer({ status: 0, body: '' }));
  }

  static open(host: string, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket)));
    });
  }

  /** Sends a whole request. One at a time. */
  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (this.socket.destroyed) this.answer({ status: 0, body: '' });
      else this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** The answer is there when as many bytes as its head says follow the head. */
  private take(part: Buffer): void {
    this.received = this.received.length === 0 ? part : Buffer.concat([this.received, part]);
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end), length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`expected an answer with a content-length but received ${JSON.stringify(head)}`);
    if (this.received.length < end + 4 + length) return;
    const body = this.received.toString('utf8', end + 4, end + 4 + length);
    this.received = this.received.subarray(end + 4 + length);
    this.answer({ status: Number(head.slice(9, 12)), body });
  }

  private answer(answer: Answer): void {
    const { resolve } = this;
    this.resolve = undefined;
    resolve?.(answer);
  }
}
