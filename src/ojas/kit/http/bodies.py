"""Bodies of requests, taken by the strict letter of JSON.

FastAPI parses a body first and validates the Python it got, and there a strict model refuses every date, since JSON has none
but text. Strict validation *of JSON* takes the text of a date for a date and still refuses "1" for a number.
"""

import json
from typing import Annotated, Any, TypeVar

from pydantic import GetCoreSchemaHandler, TypeAdapter, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, core_schema

from ojas.kit.errors import Incorrect

SentT = TypeVar("SentT")


class AsJson:
    """Validate as JSON what was parsed from JSON."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        adapter: TypeAdapter[Any] = TypeAdapter(source)

        def validate(value: Any, handle: ValidatorFunctionWrapHandler) -> Any:
            if isinstance(value, bytes):  # it did not say that it is JSON, so nobody parsed it
                raise Incorrect("This is not valid JSON.")
            return adapter.validate_json(json.dumps(value))

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


Sent = Annotated[SentT, AsJson()]
"""``draft: Sent[ConditionDraft]`` is the body of a request, strictly."""
