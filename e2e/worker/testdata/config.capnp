# As relay/cmd/worker/config.capnp, with the tests' own way in and a network that
# reaches this machine.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "data", disk = (path = "data", writable = true)),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "relay")],
);

const relay :Workerd.Worker = (
  modules = [
    (name = "test.mjs", esModule = embed "build/test.mjs"),
    (name = "worker.mjs", esModule = embed "build/worker.mjs"),
    (name = "sql.mjs", esModule = embed "build/sql.mjs"),
    (name = "wasm_exec.js", esModule = embed "build/wasm_exec.js"),
    (name = "app.wasm", wasm = embed "build/app.wasm"),
  ],
  compatibilityDate = "2026-06-01",
  bindings = [
    (name = "RELAY", durableObjectNamespace = "Relay"),
    (name = "SHARDS", fromEnvironment = "SHARDS"),
    (name = "APP_ORIGIN", fromEnvironment = "APP_ORIGIN"),
    (name = "RELAY_ORIGIN", fromEnvironment = "RELAY_ORIGIN"),
    (name = "RELAY_KEY", fromEnvironment = "RELAY_KEY"),
  ],
  durableObjectNamespaces = [(className = "Relay", uniqueKey = "relay-v1", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
);
