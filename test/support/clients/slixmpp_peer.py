"""A foreign XMPP client for the tests, in slixmpp, driven by lines of JSON.

Commands on standard input, one object a line:
  {"do": "login", "host", "port", "jid", "password", "receipts": bool, "caps": bool,
   "reply": text or null}
  {"do": "presence", "to"?, "type"?, "show"?, "priority"?, "status"?, "extra"?: xml}
  {"do": "message", "to", "type"?, "id"?, "body"?, "extra"?: xml}
  {"do": "raw", "xml": text}
  {"do": "ping", "to", "id"}
  {"do": "commands", "to", "id"}             lists ad-hoc commands (XEP-0050)
  {"do": "execute", "to", "node", "id"}      begins one, as slixmpp's plugin does
  {"do": "go", "id", "direction", "values"?} goes on with it: next, prev, complete or cancel, with
                                             the form that came, filled in with `values`
  {"do": "end"}                              closes the stream, then the process ends
Events on standard output:
  {"event": "online", "jid"}, {"event": "failed", "why"}, {"event": "disconnected"},
  {"event": "stanza", "name", "from", "to", "type", "id", "body", "xml"},
  {"event": "pong", "id", "error": condition or null}
  {"event": "commands", "id", "error", "items": [[jid, node, name]]}
  {"event": "stage", "id", "error", "status", "actions", "notes": [[type, text]], "forms"}
It answers pings (XEP-0199), with `receipts` also XEP-0184 requests, and with `reply` each
message that has a body: to the address it came from, the text followed by the body.
The process ends when its standard input does.
"""

import asyncio
import json
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def form_of(form):
    fields = form.get_fields()
    return {
        "type": form["type"],
        "title": form["title"],
        "instructions": form["instructions"],
        "fields": {
            name: {"type": field["type"], "required": field["required"], "value": field["value"]}
            for name, field in fields.items()
            if name != "FORM_TYPE"
        },
        "items": form["items"],
    }


class Peer(slixmpp.ClientXMPP):
    def __init__(self, login):
        super().__init__(login["jid"], login["password"])
        self.answer = login.get("reply")
        self.ending = False
        # Without TLS slixmpp refuses PLAIN unless told otherwise; SCRAM it takes as it is.
        self["feature_mechanisms"].unencrypted_plain = True
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")
        self.register_plugin("xep_0004")
        self.register_plugin("xep_0050")
        self.commands = {}
        if login.get("caps"):
            self.register_plugin("xep_0115")
        if login.get("receipts"):
            self.register_plugin("xep_0184", {"auto_ack": True, "auto_request": False})
        self.add_event_handler("session_start", self.online)
        self.add_event_handler("failed_auth", lambda _: tell("failed", why="not-authorized"))
        self.add_event_handler("connection_failed", lambda error: tell("failed", why=str(error)))
        self.add_event_handler("disconnected", lambda _: tell("disconnected"))
        for name in ("message", "presence", "iq"):
            self.register_handler(
                Callback("tell " + name, MatchXPath("{%s}%s" % (self.default_ns, name)), self.arrived)
            )

    async def online(self, _):
        # The roster first: then the server pushes and probes what belongs to this session.
        await self.get_roster()
        if "xep_0115" in self.plugin:
            await self["xep_0115"].update_caps(broadcast=False)
        tell("online", jid=self.boundjid.full)

    def arrived(self, stanza):
        tell(
            "stanza",
            name=stanza.name,
            to=stanza.xml.get("to"),
            type=stanza.xml.get("type"),
            id=stanza.xml.get("id"),
            body=stanza.xml.findtext("{%s}body" % self.default_ns),
            xml=str(stanza),
            **{"from": stanza.xml.get("from")},
        )
        if stanza.name == "message" and self.answer is not None:
            if stanza["type"] != "error" and stanza["body"]:
                self.send_message(
                    mto=stanza["from"], mtype=stanza.xml.get("type") or "normal", mbody=self.answer + stanza["body"]
                )

    def command(self, line):
        asked = json.loads(line)
        getattr(self, "do_" + asked.pop("do"))(asked)

    def do_presence(self, asked):
        presence = self.make_presence(pto=asked.get("to"), ptype=asked.get("type"), pshow=asked.get("show"))
        if asked.get("priority") is not None:
            presence["priority"] = asked["priority"]
        if asked.get("status") is not None:
            presence["status"] = asked["status"]
        self.finish(presence, asked)

    def do_message(self, asked):
        message = self.make_message(mto=asked["to"], mtype=asked.get("type", "chat"))
        if asked.get("id") is not None:
            message["id"] = asked["id"]
        if asked.get("body") is not None:
            message["body"] = asked["body"]
        self.finish(message, asked)

    def finish(self, stanza, asked):
        if asked.get("extra"):
            for child in ElementTree.fromstring("<x>%s</x>" % asked["extra"]):
                stanza.append(child)
        stanza.send()

    def do_raw(self, asked):
        self.send_raw(asked["xml"])

    def do_ping(self, asked):
        asyncio.ensure_future(self.ping(asked["to"], asked["id"]))

    async def ping(self, to, ident):
        error = None
        try:
            await self["xep_0199"].send_ping(to, timeout=20)
        except IqError as refusal:
            error = refusal.condition
        except IqTimeout:
            error = "timeout"
        tell("pong", id=ident, error=error)

    def do_commands(self, asked):
        asyncio.ensure_future(self.list_commands(asked["to"], asked["id"]))

    async def list_commands(self, to, ident):
        error, items = None, []
        try:
            answer = await self["xep_0050"].get_commands(to, timeout=20)
            items = [[str(jid), node, name] for jid, node, name in answer["disco_items"]["items"]]
        except IqError as refusal:
            error = refusal.condition
        except IqTimeout:
            error = "timeout"
        tell("commands", id=ident, error=error, items=items)

    def do_execute(self, asked):
        session = {"next": self.stage, "error": self.stage, "ident": asked["id"]}
        self.commands[asked["id"]] = session
        self["xep_0050"].start_command(asked["to"], asked["node"], session)

    def stage(self, iq, session):
        command = iq["command"]
        session["iq"] = iq
        if iq["type"] == "error":
            # As its documentation wants it.
            self["xep_0050"].terminate_command(session)
        tell(
            "stage",
            id=session["ident"],
            error=iq["error"]["condition"] if iq["type"] == "error" else None,
            status=command["status"],
            actions=sorted(command["actions"]),
            notes=command["notes"],
            forms=[] if iq["type"] == "error" else [form_of(form) for form in command["forms"]],
        )

    def do_go(self, asked):
        session = self.commands[asked["id"]]
        plugin = self["xep_0050"]
        session["payload"] = None
        if asked.get("values") is not None:
            form = session["iq"]["command"]["form"]
            form.set_values(asked["values"])
            form["type"] = "submit"
            session["payload"] = form
        if asked["direction"] == "cancel":
            plugin.cancel_command(session)
        elif asked["direction"] == "complete":
            plugin.complete_command(session)
        else:
            plugin.continue_command(session, direction=asked["direction"])

    def do_end(self, _):
        self.ending = True


async def commands():
    reader = asyncio.StreamReader(limit=16 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    login = json.loads(await reader.readline())
    peer = Peer(login)
    peer.connect((login["host"], login["port"]), disable_starttls=True, use_ssl=False)
    while line := await reader.readline():
        peer.command(line)
        if peer.ending:
            if peer.is_connected():
                await asyncio.wait({peer.disconnect()}, timeout=2)
            return


asyncio.get_event_loop().run_until_complete(commands())
