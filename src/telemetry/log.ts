import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { build as pretty } from 'pino-pretty';
import { LineOutput } from './line-output.ts';
import { redactor } from './redact.ts';

/** `auto`: lines of JSON, or a form for people when the output is a terminal. */
export type LogFormat = 'auto' | 'json' | 'pretty';

/** Least level that is written; `silent` writes nothing. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** The component's domain; stands in every line. */
  readonly component: string;
  /** Version of Switchyard; stands in every line. */
  readonly version: string;
  /** Values that are never written, wherever they turn up. */
  readonly secrets: readonly string[];
  /** Where lines go; standard output when absent. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The log of one process. */
export interface Log {
  readonly logger: Logger;
  /** Writes out what is still buffered; to be called once, before the process ends. */
  flush(): void;
}

/**
 * Makes the logger. Standard output is written without waiting, so a stalled reader of the log
 * cannot hold up the router; an output that fails loses lines and never ends the process.
 */
export function createLog(options: LogOptions): Log {
  const redact = redactor(options.secrets);
  const output = openOutput(options);
  const logger = pino(
    {
      level: options.level,
      base: { component: options.component, version: options.version },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: redact },
    },
    output.stream,
  );
  return { logger, flush: output.flush };
}

function openOutput(options: LogOptions): { stream: DestinationStream; flush: () => void } {
  const target = options.stream ?? process.stdout;
  const human = options.format === 'pretty' || (options.format === 'auto' && target.isTTY === true);
  if (human) {
    const stream = pretty({
      colorize: target.isTTY === true,
      ignore: 'component,version',
      translateTime: 'SYS:HH:MM:ss.l',
      destination: options.stream ?? 1,
      sync: true,
    });
    stream.on('error', ignoreOutputError);
    return { stream, flush: () => undefined };
  }
  if (options.stream !== undefined) {
    options.stream.on('error', ignoreOutputError);
    return { stream: options.stream, flush: () => undefined };
  }
  const output = new LineOutput(process.stdout.fd);
  const flush = (): void => output.flush();
  // Also when the process ends by an exception.
  process.once('exit', flush);
  return { stream: output, flush };
}

function ignoreOutputError(): void {
  // There is nowhere left to tell it.
}
