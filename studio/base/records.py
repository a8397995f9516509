"""`dataclass` as the standard library has it, made in a third of the time: a start makes a hundred of them and more.

What is generated there as source text and compiled for each class, but for `__init__`, is a closure here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    import reprlib
    from operator import attrgetter
    from types import MemberDescriptorType

    def dataclass(cls=None, /, *, frozen=False, eq=True, repr=True, **further):
        """See dataclasses.dataclass; what is asked beyond `frozen`, `eq` and `repr` is left to it."""

        def made(cls):
            inherits = any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:])
            odd = further.keys() - {"slots"} or "InitVar" in str(getattr(cls, "__annotations__", ""))
            if odd or ((inherits or further) and not frozen):
                return dataclasses.dataclass(cls, frozen=frozen, eq=eq, repr=repr, **further)
            return _made(cls, frozen, eq, repr, further if inherits or further else None)

        return made if cls is None else made(cls)

    def _made(cls, frozen, eq, shown, closed):
        """With `closed` the library makes what refuses assignment: it knows of slots, and of the classes above."""
        own = {name for name, what in cls.__dict__.items() if name != "__hash__" or what is not None}
        if closed is not None:
            cls = dataclasses.dataclass(cls, frozen=True, init=False, eq=False, repr=False, **closed)
        else:
            dataclasses.dataclass(cls, init=not frozen, eq=False, repr=False)
        fields = dataclasses.fields(cls)
        cls.__dataclass_params__.eq, cls.__dataclass_params__.repr = eq, shown
        given = {}
        if shown:
            given["__repr__"] = _repr([field.name for field in fields if field.repr])
        if eq:
            given["__eq__"] = _eq(_values([field.name for field in fields if field.compare]))
            hashed = [field.name for field in fields if (field.compare if field.hash is None else field.hash)]
            given["__hash__"] = _hash(_values(hashed)) if frozen else None
        if frozen:
            cls.__dataclass_params__.frozen = cls.__dataclass_params__.init = True
            given["__init__"] = _init(cls, fields)
        if frozen and closed is None:
            given["__setattr__"], given["__delattr__"] = _closed(cls, {field.name for field in fields})
        for name, what in given.items():
            if name not in own:
                if what is not None:
                    what.__name__, what.__qualname__ = name, f"{cls.__qualname__}.{name}"
                setattr(cls, name, what)
        return cls

    def _values(names):
        """An object → the tuple of its values."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda self: tuple(getattr(self, name) for name in names)

    def _eq(values):
        def same(self, other):
            if other.__class__ is self.__class__:
                return values(self) == values(other)
            return NotImplemented

        return same

    def _hash(values):
        def hashed(self):
            return hash(values(self))

        return hashed

    def _repr(names):
        @reprlib.recursive_repr()
        def shown(self):
            pairs = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
            return f"{self.__class__.__qualname__}({pairs})"

        return shown

    def _closed(cls, names):
        def no_change(self, name, value):
            if type(self) is cls or name in names:
                raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
            super(cls, self).__setattr__(name, value)

        def no_end(self, name):
            if type(self) is cls or name in names:
                raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
            super(cls, self).__delattr__(name)

        return no_change, no_end

    def _init(cls, fields):
        """`__init__` of a class nothing can be assigned to: it sets each field past the check that keeps others out."""
        space = {"_r_missing": dataclasses.MISSING}
        positional, named, body = [], [], []
        for field in fields:
            name, value = field.name, field.name
            parameter = name
            if field.default_factory is not dataclasses.MISSING:
                space[f"r_{name}"] = field.default_factory
                value = f"r_{name}() if {name} is _r_missing else {name}" if field.init else f"r_{name}()"
                parameter += "=_r_missing"
            elif field.default is not dataclasses.MISSING:
                space[f"r_{name}"] = field.default
                parameter += f"=r_{name}"
                if not field.init:
                    continue
            if field.init:
                (named if field.kw_only else positional).append(parameter)
            slot = getattr(cls, name, None)
            if isinstance(slot, MemberDescriptorType):
                space[f"s_{name}"] = slot.__set__
                body.append(f" s_{name}(self, {value})")
            else:
                body.append(f" _r_fields[{name!r}] = {value}")
        if any("_r_fields[" in line for line in body):
            body.insert(0, " _r_fields = self.__dict__")
        if hasattr(cls, "__post_init__"):
            body.append(" self.__post_init__()")
        parameters = ["self", *positional, *(["*", *named] if named else [])]
        source = f"def __init__({', '.join(parameters)}):\n" + "\n".join(body or [" pass"])
        exec(source, space)
        return space["__init__"]


__all__ = ["dataclass"]
