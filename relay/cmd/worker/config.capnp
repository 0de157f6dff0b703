# The relay in workerd on one machine, from what `make worker` has built.
#
#   RELAY_KEY=... RELAY_ORIGIN=https://relay.example APP_ORIGIN=https://app.example VIEWER_ORIGIN=https://view.example \
#   workerd serve --experimental config.capnp
#
# Links are kept in the folder data; --directory-path data=/var/lib/potli and
# --socket-addr http=127.0.0.1:9000 say otherwise. A proxy in front speaks TLS and
# must set Cf-Connecting-Ip to the client's address, replacing what the client sent:
# the relay limits by it.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "data", disk = (path = "data", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "relay")],
);

const relay :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "build/worker.mjs"),
    (name = "sql.mjs", esModule = embed "build/sql.mjs"),
    (name = "wasm_exec.js", esModule = embed "build/wasm_exec.js"),
    (name = "app.wasm", wasm = embed "build/app.wasm"),
  ],
  compatibilityDate = "2026-06-01",
  bindings = [
    (name = "RELAY", durableObjectNamespace = "Relay"),
    (name = "SHARDS", fromEnvironment = "SHARDS"),
    (name = "CALM", fromEnvironment = "CALM"),
    (name = "APP_ORIGIN", fromEnvironment = "APP_ORIGIN"),
    (name = "VIEWER_ORIGIN", fromEnvironment = "VIEWER_ORIGIN"),
    (name = "RELAY_ORIGIN", fromEnvironment = "RELAY_ORIGIN"),
    (name = "RELAY_KEY", fromEnvironment = "RELAY_KEY"),
    (name = "RELAY_OLD_KEYS", fromEnvironment = "RELAY_OLD_KEYS"),
    (name = "VAPID_PRIVATE", fromEnvironment = "VAPID_PRIVATE"),
    (name = "VAPID_SUBJECT", fromEnvironment = "VAPID_SUBJECT"),
  ],
  # The key is for ever: under another one the store is empty.
  durableObjectNamespaces = [(className = "Relay", uniqueKey = "relay-v1", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
);
