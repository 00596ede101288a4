"""An HTTP transport that never lets one line of a stream grow without end. Imported lazily: it brings httpx."""

from collections.abc import AsyncIterator

import httpx

LONGEST_LINE = 1_000_000  # bytes; an honest chunk has a few hundred
LONGEST_STREAM = 16_000_000  # bytes of one response


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        line = total = 0
        async for chunk in self._stream:
            total += len(chunk)
            newline = chunk.rfind(b"\n")
            line = line + len(chunk) if newline < 0 else len(chunk) - newline - 1
            if line > LONGEST_LINE or total > LONGEST_STREAM:
                raise httpx.ReadError("the response is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class BoundedTransport(httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Bounded(response.stream)
        return response
