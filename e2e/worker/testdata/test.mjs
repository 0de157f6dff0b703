// The relay for Workers with a back door for tests: /test/<what>?shard=<n> goes to
// a shard and does there what no client may. It runs with a Go program that was
// built with the tag storetest.

import front, { Program, Relay as Deployed, limits } from "./worker.mjs";

// Of this whole process. An object that is put out of memory starts anew.
let programs = 0;
let objects = 0;

// What Go prints is the answer to a test that runs there.
let printed = "";
const print = globalThis.fs.writeSync;
globalThis.fs.writeSync = (fd, bytes) => {
	printed += new TextDecoder().decode(bytes);
	return print(fd, bytes);
};

export class Relay extends Deployed {
	constructor(ctx, env) {
		super(ctx, env);
		objects++;
	}

	async boot() {
		programs++;
		return super.boot();
	}

	async fetch(request) {
		const url = new URL(request.url);
		const [, what] = /^\/test\/([a-z]+)$/.exec(url.pathname) ?? [];
		if (!what) return super.fetch(request);
		const program = await this.running();
		const { binding } = program;
		switch (what) {
			case "state":
				await binding.collect();
				return Response.json({
					programs,
					objects,
					requests: program.requests,
					memory: program.instance.exports.mem.buffer.byteLength,
					held: program.go._ids.size, // JavaScript values that Go has not let go of
					watching: program.watching.size,
					timers: program.go._scheduledTimeouts.size,
					alarm: await this.ctx.storage.getAlarm(),
					sockets: this.ctx.getWebSockets().length,
					name: this.ctx.id.name,
				});
			case "limit":
				limits[url.searchParams.get("name")] = Number(url.searchParams.get("value"));
				return new Response();
			case "crash":
				Promise.try(binding.crash).catch(() => {});
				return new Response();
			case "hour":
				await binding.hour();
				return new Response();
			case "rows":
				return Response.json(await binding.rows());
			case "wake":
				await this.ctx.storage.deleteAlarm(); // it has come
				await this.alarm();
				return new Response();
			case "post":
				binding.url = url.searchParams.get("url");
				return Response.json(await binding.post());
			case "contract":
			case "driver": {
				printed = "";
				const ended = new Promise((resolve) => program.watching.add(resolve)); // as tests end
				Promise.try(binding[what]).catch(() => {});
				await ended;
				return new Response(printed);
			}
		}
		return new Response(null, { status: 404 });
	}
}

export default {
	async fetch(request, env, ctx) {
		const url = new URL(request.url);
		if (!url.pathname.startsWith("/test/")) return front.fetch(request, env, ctx);
		return env.RELAY.get(env.RELAY.idFromName(`s-${url.searchParams.get("shard") ?? 0}`)).fetch(request);
	},
};

export { Program };
