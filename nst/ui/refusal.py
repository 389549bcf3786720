"""A request that gets no more than a sentence for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse, PlainTextResponse, Response

NONE: Mapping[str, str] = MappingProxyType({})


class RefusedError(MultiPartException):
    """Why a request is not carried out.  status: of HTTP.  sentence: for whoever sent it.

    It is what whoever reads a form expects of one that is damaged: Gradio deletes what it has written of an upload.
    """

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] = NONE) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = dict(headers)

    def response(self, *, in_words: bool = False) -> Response:
        """The answer, as JSON with the sentence under both names that clients look for.

        in_words: as plain text, which the page shows of an upload that failed.
        """
        if in_words:
            return PlainTextResponse(self.sentence, self.status, self.headers)
        return JSONResponse({"error": self.sentence, "detail": self.sentence}, self.status, self.headers)
