"""Structures that only pass through inlined functions never reach memory."""

from pathlib import Path

from ourocc.driver.main import main

SOURCE = """
typedef struct { double x, y, z; } vector;
static vector make(double x, double y, double z) { return (vector){ x, y, z }; }
static vector subtract(vector a, vector b) { return make(a.x - b.x, a.y - b.y, a.z - b.z); }
static double dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
double distance(const vector *a, const vector *b) { vector t = subtract(*a, *b); return dot(t, t); }
"""


def test_returned_through_two_calls(tmp_path: Path) -> None:
    source, listing = tmp_path / "a.c", tmp_path / "a.s"
    source.write_text(SOURCE)
    assert main(["-O2", "-S", str(source), "-o", str(listing)]) == 0
    assert "(%rsp)" not in listing.read_text()
