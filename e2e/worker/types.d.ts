// What worker.mjs uses of the platform and of Go's glue, no more. The packages that
// describe all of it weigh more than all the tests' others together.

declare module "cloudflare:workers" {
	export class DurableObject {
		constructor(ctx: DurableObjectState, env: unknown);
		ctx: DurableObjectState;
		env: any;
	}
}

declare module "*.wasm" {
	const program: WebAssembly.Module;
	export default program;
}

interface DurableObjectNamespace<T> {
	idFromName(name: string): object;
	get(id: object): { fetch(request: Request): Promise<Response> };
}

type SqlValue = string | number | null | ArrayBuffer;

interface SqlStorage {
	exec(text: string, ...args: SqlValue[]): {
		columnNames: string[];
		raw(): { toArray(): SqlValue[][] };
		toArray(): Record<string, SqlValue>[];
		one(): Record<string, SqlValue>;
	};
}

interface DurableObjectState {
	storage: {
		sql: SqlStorage;
		getAlarm(): Promise<number | null>;
		setAlarm(at: number): Promise<void>;
	};
	blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>;
	acceptWebSocket(socket: WebSocket, tags: string[]): void;
	getWebSockets(tag?: string): WebSocket[];
	setWebSocketAutoResponse(pair: WebSocketRequestResponsePair): void;
}

declare class WebSocketRequestResponsePair {
	constructor(request: string, response: string);
}

declare class WebSocketPair {
	0: WebSocket;
	1: WebSocket;
}

interface ResponseInit {
	webSocket?: WebSocket;
}

declare class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {}

declare class FixedLengthStream extends IdentityTransformStream {
	constructor(length: number);
}

interface PromiseConstructor {
	try<T>(work: () => T | Promise<T>): Promise<T>;
}

declare class Go {
	importObject: WebAssembly.Imports;
	exit: (code: number) => void;
	_resume: () => void;
	run(instance: WebAssembly.Instance, context: object): Promise<void>;
}
