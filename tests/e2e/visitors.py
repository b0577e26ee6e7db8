"""A visitor without a browser: it speaks to the server as a browser does, and draws nothing."""

from __future__ import annotations

from time import perf_counter

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

__all__ = ["Visitor"]

FINISHED = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY


class Visitor:
    """One tab at one project."""

    def __init__(self, connection: WebSocketClientConnection, token: str) -> None:
        self._connection = connection
        self._token = token

    @classmethod
    async def arrive(cls, url: str, token: str) -> Visitor:
        """Connect to the server at ``url``."""
        request = HTTPRequest(f"{url.replace('http', 'ws', 1)}/_stcore/stream", headers={"Origin": url})
        return cls(await websocket_connect(request, subprotocols=["streamlit"], max_message_size=10**9), token)

    async def open(self, page: str) -> float:
        """Ask for a page; return the seconds until all of it has arrived."""
        asked = BackMsg()
        asked.rerun_script.query_string = f"p={self._token}"
        asked.rerun_script.page_name = page
        asked.rerun_script.context_info.color_scheme = "light"
        start = perf_counter()
        await self._connection.write_message(asked.SerializeToString(), binary=True)
        while True:
            message = await self._connection.read_message()
            if not isinstance(message, bytes):
                raise RuntimeError("the server closed the connection")
            told = ForwardMsg.FromString(message)
            if told.WhichOneof("type") == "script_finished" and told.script_finished == FINISHED:
                return perf_counter() - start

    def leave(self) -> None:
        """Close the tab."""
        self._connection.close()
