-- A Prosody for compose.yaml: accounts without TLS, reached from this machine alone. For more than a trial
-- give it certificates, and take c2s_require_encryption and allow_unencrypted_plain_auth away.
modules_enabled = { "roster", "saslauth", "presence", "message", "iq", "disco", "ping" }
modules_disabled = { "s2s", "offline" }
pidfile = "/run/prosody/prosody.pid"
authentication = "internal_hashed"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
-- The component connects over the network of the two containers.
component_interfaces = { "*" }
log = { info = "*console" }

VirtualHost "localhost"

Component "pools.localhost"
    component_secret = ENV_COMPONENT_SECRET
