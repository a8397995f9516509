"""The signal of the core: order, and who still hears it when listeners come and go while it is told."""

from __future__ import annotations

from studio.base.signal import Signal


def test_listeners_are_called_in_order_until_they_disconnect() -> None:
    signal: Signal[[int]] = Signal()
    heard: list[str] = []
    signal.connect(lambda n: heard.append(f"a{n}"))
    leave = signal.connect(lambda n: heard.append(f"b{n}"))
    signal.emit(1)
    leave()
    leave()
    signal.emit(2)
    assert heard == ["a1", "b1", "a2"]


def test_one_disconnected_by_an_earlier_listener_hears_nothing() -> None:
    signal: Signal[[]] = Signal()
    heard: list[str] = []
    leaves = []
    signal.connect(lambda: leaves[0]())
    leaves.append(signal.connect(lambda: heard.append("closed")))
    signal.emit()
    assert heard == []


def test_one_connected_while_telling_hears_the_next() -> None:
    signal: Signal[[]] = Signal()
    heard: list[str] = []
    signal.connect(lambda: signal.connect(lambda: heard.append("new")))
    signal.emit()
    assert heard == []
    signal.emit()
    assert heard == ["new"]
