#!/usr/bin/python3
"""Measures Debian's labelme (5.1.1) as `masque bench canvas` measures Masque.

Its own Canvas shows the same crowd of polygons on an image of the same size, offscreen; each mouse or wheel event's
time ends when the event loop has painted what it asked for. Prints the same list of rows. Not part of the test suite:

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/benchmarks/labelme_canvas.py [--polygons 2000] [--events 40]
"""
import argparse
import json
import math
import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qtpy import QtCore, QtGui, QtWidgets  # noqa: E402
from labelme.shape import Shape  # noqa: E402
from labelme.widgets import Canvas  # noqa: E402

PACE_S = 0.008


def crowd(width, height, count, vertices):
    """The polygons of bench_operations.cpp."""
    columns = math.ceil(math.sqrt(count * width / height))
    cell = width / columns
    for i in range(count):
        x, y = (i % columns + 0.5) * cell, (i // columns + 0.5) * cell
        shape = Shape(label="class%d" % (i % 7), shape_type="polygon")
        for k in range(vertices):
            angle = 2 * math.pi * k / vertices
            radius = cell * (0.6 + 0.08 * math.sin(9 * angle))
            shape.addPoint(QtCore.QPointF(min(max(x + radius * math.cos(angle), 0), width - 1),
                                          min(max(y + radius * math.sin(angle), 0), height - 1)))
        shape.close()
        yield shape


def percentile(values, part):
    values = sorted(values)
    return round(values[max(1, math.ceil(part * len(values))) - 1], 3)


def rss_mib():
    with open("/proc/self/statm") as file:
        return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--polygons", type=int, default=2000)
    parser.add_argument("--vertices", type=int, default=200)
    parser.add_argument("--events", type=int, default=40)
    options = parser.parse_args()
    app = QtWidgets.QApplication([])
    width, height = 4000, 3000

    window = QtWidgets.QScrollArea()
    canvas = Canvas(epsilon=10.0, double_click="close", num_backups=10,
                    crosshair={"polygon": False, "rectangle": True, "circle": False, "line": False, "point": False,
                               "linestrip": False})
    window.setWidget(canvas)
    window.setWidgetResizable(True)
    window.resize(1600, 1000)
    pixmap = QtGui.QPixmap(width, height)
    pixmap.fill(QtGui.QColor(120, 140, 100))
    canvas.loadPixmap(pixmap)
    canvas.loadShapes(list(crowd(width, height, options.polygons, options.vertices)))
    canvas.scale = min(1584 / width, 984 / height)
    canvas.adjustSize()
    canvas.setEditing(True)
    window.show()
    app.processEvents()
    rows = []

    def measure(name, count, act):
        times, idle = [], []
        for i in range(count):
            start = time.perf_counter()
            time.sleep(PACE_S)
            idle.append((time.perf_counter() - start - PACE_S) * 1000)
            start = time.perf_counter()
            act(i)
            app.processEvents()
            times.append((time.perf_counter() - start) * 1000)
        rows.append({"op": name, "p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99),
                     "idle_p99_ms": percentile(idle, 0.99), "rss_mib": rss_mib()})

    def mouse(kind, at, button=QtCore.Qt.NoButton, buttons=QtCore.Qt.NoButton):
        event = QtGui.QMouseEvent(kind, at, canvas.mapToGlobal(at.toPoint()), button, buttons, QtCore.Qt.NoModifier)
        QtCore.QCoreApplication.sendEvent(canvas, event)

    measure("polygons_hover", options.events,
            lambda i: mouse(QtCore.QEvent.MouseMove, QtCore.QPointF(100 + i * 37 % 1100, 100 + i * 23 % 800)))

    vertex = canvas.shapes[options.polygons // 2].points[0] * canvas.scale + canvas.offsetToCenter() * canvas.scale
    gesture = 40

    def drag(i):
        way = i % gesture if i // gesture % 2 == 0 else gesture - 1 - i % gesture
        at = vertex + QtCore.QPointF(way, way / 2)
        if i % gesture == 0:
            mouse(QtCore.QEvent.MouseMove, at)
            mouse(QtCore.QEvent.MouseButtonPress, at, QtCore.Qt.LeftButton, QtCore.Qt.LeftButton)
        elif i % gesture == gesture - 1:
            mouse(QtCore.QEvent.MouseButtonRelease, at, QtCore.Qt.LeftButton)
        else:
            mouse(QtCore.QEvent.MouseMove, at, buttons=QtCore.Qt.LeftButton)

    measure("polygons_drag_vertex", options.events, drag)
    assert canvas.movingShape or canvas.hVertex is not None, "no vertex was dragged"

    for _ in range(9):
        canvas.storeShapes()  # what labelme does after every edit
    measure("polygons_undo", min(8, options.events), lambda i: (canvas.restoreShape(), canvas.update()))
    canvas.scale = 1
    canvas.adjustSize()
    app.processEvents()
    bar = window.verticalScrollBar()
    measure("polygons_pan", options.events, lambda i: bar.setValue(bar.value() + (-60 if i // 8 % 2 else 60)))
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
