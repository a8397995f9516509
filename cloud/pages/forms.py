"""Declaring pages and reading their forms: whatever is posted has passed the guard and carries the mark of its page."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from cloud.access.context import Context, Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes, Spec
from cloud.errors import Refused
from cloud.pages import csrf
from studio.base.i18n import N_, _, ngettext
from studio.protocol.access import SLUG
from studio.protocol.fields import FILE_NAME, LINE, LINES, VARIABLE
from studio.protocol.identity import EMAIL

Handler = TypeVar("Handler", bound=Callable[..., Any])
# Refusals a person mends in the form: it is shown again with what was typed.
MENDED = (400, 409, 412, 413, 422, 428)
# Likewise: what was tried is no session that ended.
MENDED_CODES = ("sign_in_refused", "code_refused", "passkey_refused", "password_wrong")
MOST_FIELDS = 3000
MOST_BYTES = 1024 * 1024


class Fields:
    """What a form brought, and why it was not taken (`refused`) where it is shown again."""

    def __init__(self, data: FormData | None = None, refused: Refused | None = None) -> None:
        self.data = data or FormData()
        self.refused = refused

    def __getitem__(self, name: str) -> str:
        """What was typed, without blanks around; "" where nothing was."""
        return self.raw(name).strip()

    def __contains__(self, name: str) -> bool:
        return name in self.data

    def __bool__(self) -> bool:
        return bool(self.data)

    def raw(self, name: str) -> str:
        """What was typed, as it is: passwords keep their blanks."""
        found = self.data.get(name, "")
        return found if isinstance(found, str) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of one name: check boxes, lists to choose from."""
        return tuple(value for value in self.data.getlist(name) if isinstance(value, str))

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of a text that say something."""
        return tuple(line.strip() for line in self[name].splitlines() if line.strip())

    def whole(self, name: str) -> int:
        """A whole number. Raises Refused naming the field."""
        try:
            return int(self[name])
        except ValueError:
            raise field_refused(name, _("A whole number is wanted here.")) from None

    def shown(self, name: str, otherwise: Any = "") -> Any:
        """What the field shows: what was typed where the form is shown again, else the value there is."""
        return self.raw(name) if self and name in self.data else otherwise

    def ticked(self, name: str, value: str, otherwise: bool) -> bool:
        """Whether a check box is ticked, likewise; the form with boxes says so by a field `boxes`."""
        return value in self.all(name) if "boxes" in self.data else otherwise

    def version(self, present: str) -> str:
        """What the form shown is based on: what is there now, unless it is shown again for another fault."""
        again = self.refused is not None and self.refused.status != 412
        return (self["version"] if again else "") or present

    @staticmethod
    def made(**values: str) -> FormData:
        """Fields as if they had been sent."""
        return FormData(list(values.items()))

    def fault(self, name: str) -> str:
        """What is wrong with this field."""
        return dict(self.refused.extra.get("fields", {})).get(name, "") if self.refused else ""


def field_refused(name: str, why: str) -> Refused:
    """422: one field is not as it must be."""
    return Refused(422, "invalid", _("Something is missing or not as it must be."), fields={name: why})


def fields_refused(errors: Sequence[Any]) -> Refused:
    """422: what the API says of each member of a body (pydantic's errors), as faults of the fields of those names."""
    faults = {_name(each["loc"]): _said(each) for each in errors}
    return Refused(
        422,
        "invalid",
        _("Something is missing or not as it must be."),
        "" if any(faults) else faults.get("", ""),
        fields=faults,
    )


def _name(where: Sequence[Any]) -> str:
    return str(where[1]) if len(where) > 1 and where[0] in ("body", "query") else ""


def _said(fault: Any) -> str:
    about = fault.get("ctx", {})
    kind = str(fault["type"])
    if kind in ("string_too_short", "too_short", "missing"):
        least = int(about.get("min_length", 1))
        if least <= 1:
            return _("This is needed.")
        said = ngettext("At least {n} character is needed.", "At least {n} characters are needed.", least)
        return said.format(n=least)
    if kind in ("string_too_long", "too_long"):
        most = int(about.get("max_length", 0))
        said = ngettext("At most {n} character fits here.", "At most {n} characters fit here.", most)
        return said.format(n=most)
    if kind in ("greater_than_equal", "greater_than"):
        return _("This must be at least {n}.").format(n=about.get("ge", about.get("gt")))
    if kind in ("less_than_equal", "less_than"):
        return _("This must be at most {n}.").format(n=about.get("le", about.get("lt")))
    if kind == "string_pattern_mismatch":
        said = _PATTERNS.get(str(about.get("pattern", "")), "")
        if said:
            return _(said)
    if kind in ("int_parsing", "int_type", "int_from_float"):
        return _("A whole number is wanted here.")
    if kind in ("literal_error", "enum"):
        return _("Choose one of those offered.")
    return _("This is not taken here as it is written.")


# What a text must look like, by the pattern it did not match.
_PATTERNS = {
    SLUG.expression: N_("Small letters, digits and hyphens only, and no hyphen at either end."),
    EMAIL.expression: N_("An e-mail address is wanted here: name@example.com."),
    LINE.expression: N_("One line is wanted here, without blanks or invisible signs at its ends."),
    LINES.expression: N_("There are invisible signs in this text that cannot be kept."),
    VARIABLE.expression: N_("A letter or _ first, then letters, digits, _ and dots, 128 at most."),
    FILE_NAME.expression: N_("A letter or a digit first, then letters, digits and ._+- only, 128 at most."),
}


async def _read(request: Request, ctx: Ctx) -> Fields:
    if request.method != "POST":
        return Fields()
    data = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES)
    given = data.get(csrf.FIELD, "")
    csrf.need(ctx, given if isinstance(given, str) else "")
    return Fields(data)


# What a handler writes for its second parameter: `async def save(ctx: Ctx, form: Form) -> Response`.
Form = Annotated[Fields, Depends(_read)]


class Pages:
    """The pages of one subject. `shows` and `does` name the function of the API a page asks: what that needs, the page
    needs. A GET is shown, a POST has one thing done by the API, which also tells the audit, and then leads to a page."""

    def __init__(self, prefix: str, tag: str) -> None:
        self.routes = Routes(prefix, tag, base="")

    def get(
        self, path: str, *, need: Need | None = None, shows: Callable[..., Any] | None = None
    ) -> Callable[[Handler], Handler]:
        """A page."""
        asked = need or (spec_of(shows).need if shows else None)
        assert asked is not None, f"{path} says neither what it needs nor what it shows"
        return self.routes.get(path, need=asked, **_HTML)

    def post(
        self,
        path: str,
        *,
        need: Need | None = None,
        does: Callable[..., Any] | None = None,
        again: Callable[..., Awaitable[Response]] | None = None,
    ) -> Callable[[Handler], Handler]:
        """What a form does. When it is refused for something that can be mended, the page `again` is shown with it."""
        spec = spec_of(does) if does else None
        asked = need or (spec.need if spec else None)
        assert asked is not None, f"{path} says neither what it needs nor what it does"
        declared = self.routes.post(
            path, need=asked, audit=None, does=spec, dependencies=[Depends(_read)], **_HTML
        )

        def keep(handler: Handler) -> Handler:
            declared(_shown_again(handler, again) if again else handler)
            return handler

        return keep


_HTML: dict[str, Any] = {
    "include_in_schema": False,
    "response_model": None,
    "response_class": HTMLResponse,
}


def spec_of(function: Callable[..., Any]) -> Spec:
    """What the API declares of one of its functions."""
    spec = getattr(function, "weft_route", None)
    if not isinstance(spec, Spec):
        raise TypeError(f"{function} is no function of the API")
    return spec


def _shown_again(
    handler: Callable[..., Any], again: Callable[..., Awaitable[Response]]
) -> Callable[..., Any]:
    @functools.wraps(handler)
    async def asked(ctx: Context, form: Fields, **path: Any) -> Any:
        try:
            return await handler(ctx=ctx, form=form, **path)
        except Refused as refused:
            if refused.status not in MENDED and refused.code not in MENDED_CODES:
                raise
            page = await again(ctx=ctx, form=Fields(form.data, refused), **path)
            page.status_code = refused.status
            return page

    return asked


def go(address: str) -> Response:
    """Lead the browser to another page of ours after something was done."""
    return RedirectResponse(address, 303)
