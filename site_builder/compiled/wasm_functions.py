"""Functions that WebAssembly lacks, for one float32 and for four.

Errors beside the true values are below 5e-7 of the result or of 1, whichever is larger. The
coefficients are least-squares fits of the functions, weighted until the largest error is smallest.
"""

from __future__ import annotations

_TANH = (
    (1.33542248e-08, 2.06087596e-05, 0.00349556844, 0.133810091, 0.999999979),
    (7.77637695e-07, 0.000328560262, 0.0258769075, 0.467143247, 1.0),
)
"""Of the square, highest power first: a numerator, which is times x, and a denominator, up to 9."""
_EXP = (0.00138145524, 0.00836874526, 0.0416683906, 0.166665204, 0.499999934)
"""e^r is 1 + r + r^2 times this polynomial of r, for r up to ln(2) / 2 on both sides of 0."""
_LOG = (0.23333059, 0.285506993, 0.400001234, 0.666666665)
"""ln((1 + s) / (1 - s)) is 2 s + s^3 times this polynomial of s^2, for s up to 0.172."""

NAMES = {"Tanh": "tanh", "Exp": "exp", "Log": "log", "Sigmoid": "sigmoid", "Softplus": "softplus"}
"""By operation, the function that computes it; that of four numbers has a 4 behind its name."""
_NEEDS = {"sigmoid": ("exp",), "softplus": ("exp", "log")}


def definitions(called: set[str]) -> list[str]:
    """The functions of these names, and those that they call, in WebAssembly's text format."""
    found: dict[str, str] = {}
    ahead = sorted(called)
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        stem, four = name.rstrip("4"), name.endswith("4")
        found[name] = _Four().function(stem) if four else _One().function(stem)
        ahead += [f"{need}4" if four else need for need in _NEEDS.get(stem, ())]
    return [found[name] for name in sorted(found)]


class _One:
    """Writes functions of one number; `x` and other operands are expressions."""

    floats, integers, float_type, int_type, suffix = "f32", "i32", "f32", "i32", ""

    def number(self, value: float) -> str:
        return f"({self.floats}.const {value!r})"

    def integer(self, value: int) -> str:
        return f"({self.integers}.const {value})"

    def bits(self, x: str) -> str:
        return f"(i32.reinterpret_f32 {x})"

    def float_of_bits(self, x: str) -> str:
        return f"(f32.reinterpret_i32 {x})"

    def whole(self, x: str) -> str:
        return f"(i32.trunc_sat_f32_s {x})"

    def to_float(self, x: str) -> str:
        return f"(f32.convert_i32_s {x})"

    def either(self, test: str, yes: str, no: str) -> str:
        return f"(select {yes} {no} {test})"

    # -- what both write alike

    def do(self, op: str, *operands: str) -> str:
        """An operation on floats."""
        return f"({self.floats}.{op} {' '.join(operands)})"

    def int_do(self, op: str, *operands: str) -> str:
        """An operation on integers."""
        return f"({self.integers}.{op} {' '.join(operands)})"

    def shift(self, op: str, x: str, by: int) -> str:
        """A shift of integers."""
        return f"({self.integers}.{op} {x} (i32.const {by}))"

    def polynomial(self, coefficients: tuple[float, ...], x: str) -> str:
        """Highest power first."""
        text = self.number(coefficients[0])
        for coefficient in coefficients[1:]:
            text = self.do("add", self.do("mul", text, x), self.number(coefficient))
        return text

    def function(self, stem: str) -> str:
        """The definition of a function."""
        lines, floats, integers = getattr(self, stem)()
        local = "".join(f" (local ${name} {self.float_type})" for name in floats)
        local += "".join(f" (local ${name} {self.int_type})" for name in integers)
        kind = self.float_type
        head = f"(func ${stem}{self.suffix} (param $x {kind}) (result {kind}){local}"
        return "\n".join((head, *(f"  {line}" for line in lines))) + ")"

    def clamped(self, x: str, low: float, high: float) -> str:
        """Between two numbers; what is not a number stays so."""
        return self.do("min", self.do("max", x, self.number(low)), self.number(high))

    def tanh(self) -> tuple[list[str], str, str]:
        x, s = "(local.get $x)", "(local.get $s)"
        above, below = (self.polynomial(part, s) for part in _TANH)
        ratio = self.do("div", self.do("mul", x, above), below)
        return (
            [
                f"(local.set $x {self.clamped(x, -9.0, 9.0)})",
                f"(local.set $s {self.do('mul', x, x)})",
                self.clamped(ratio, -1.0, 1.0),
            ],
            "s",
            "",
        )

    def exp(self) -> tuple[list[str], str, str]:
        """2^n e^r; the power of 2 in two steps, since it may be out of range where e^x is not."""
        x, r, n, k = "(local.get $x)", "(local.get $r)", "(local.get $n)", "(local.get $k)"
        # ln(2) in two parts, of which the first is short enough for exact multiples.
        less = self.do("sub", x, self.do("mul", n, self.number(0.693359375)))
        less = self.do("sub", less, self.do("mul", n, self.number(-2.12194440e-4)))
        square = self.do("mul", r, r)
        series = self.do("add", self.do("add", self.number(1.0), r),
                         self.do("mul", square, self.polynomial(_EXP, r)))  # fmt: skip
        half = self.shift("shr_s", k, 1)
        powers = [
            self.float_of_bits(self.shift("shl", self.int_do("add", p, self.integer(127)), 23))
            for p in (half, self.int_do("sub", k, half))
        ]
        return (
            [
                f"(local.set $x {self.clamped(x, -105.0, 89.0)})",
                f"(local.set $n {self.do('nearest', self.do('mul', x, self.number(1.44269504)))})",
                f"(local.set $r {less})",
                f"(local.set $k {self.whole(n)})",
                self.do("mul", self.do("mul", series, powers[0]), powers[1]),
            ],
            "rn",
            "k",
        )

    def log(self) -> tuple[list[str], str, str]:
        """X = 2^k m with m from sqrt(1/2) to sqrt(2); ln(m) is 2 atanh((m - 1) / (m + 1))."""
        x, m, s, q, f = (f"(local.get ${name})" for name in "xmsqf")
        b, k = "(local.get $b)", "(local.get $k)"
        small = self.do("lt", x, self.number(1.17549435e-38))
        tiny = self.either(small, self.do("mul", x, self.number(8388608.0)), x)
        fewer = self.either(small, self.number(23.0), self.number(0.0))
        # Bits of 0.707: what is above it counts to the next power of 2.
        over = self.int_do("sub", b, self.integer(0x3F3504F3))
        mantissa = self.int_do("sub", b, self.shift("shl", k, 23))
        series = self.do("mul", self.do("mul", q, s), self.polynomial(_LOG, q))
        ln = self.do("add", self.do("add", s, s), series)
        # k ln(2) in two parts.
        ln = self.do("add", self.do("mul", f, self.number(-2.12194440e-4)), ln)
        ln = self.do("add", ln, self.do("mul", f, self.number(0.693359375)))
        one = self.number(1.0)
        ratio = self.do("div", self.do("sub", m, one), self.do("add", m, one))
        infinite = self.do("eq", x, self.number(float("inf")))
        zero = self.do("eq", x, self.number(0.0))
        positive = self.do("gt", x, self.number(0.0))
        return (
            [
                f"(local.set $f {fewer})",
                f"(local.set $b {self.bits(tiny)})",
                f"(local.set $k {self.shift('shr_s', over, 23)})",
                f"(local.set $m {self.float_of_bits(mantissa)})",
                f"(local.set $f {self.do('sub', self.to_float(k), f)})",
                f"(local.set $s {ratio})",
                f"(local.set $q {self.do('mul', s, s)})",
                self.either(
                    positive,
                    self.either(infinite, x, ln),
                    self.either(zero, self.number(float("-inf")), self.number(float("nan"))),
                ),
            ],
            "msqf",
            "bk",
        )

    def sigmoid(self) -> tuple[list[str], str, str]:
        power = f"(call $exp{self.suffix} {self.do('neg', '(local.get $x)')})"
        one = self.number(1.0)
        return [self.do("div", one, self.do("add", one, power))], "", ""

    def softplus(self) -> tuple[list[str], str, str]:
        """max(x, 0) + ln(1 + p) with p = e^-|x|, by Kahan: ln(u) p / (u - 1) with u = 1 + p."""
        x, p, u = (f"(local.get ${name})" for name in "xpu")
        one = self.number(1.0)
        more = self.do("sub", u, one)
        log = f"(call $log{self.suffix} {u})"
        exact = self.do("div", self.do("mul", log, p), more)
        log1p = self.either(self.do("eq", more, self.number(0.0)), p, exact)
        return (
            [
                f"(local.set $p (call $exp{self.suffix} {self.do('neg', self.do('abs', x))}))",
                f"(local.set $u {self.do('add', one, p)})",
                self.do("add", self.do("max", x, self.number(0.0)), log1p),
            ],
            "pu",
            "",
        )


class _Four(_One):
    floats, integers, float_type, int_type, suffix = "f32x4", "i32x4", "v128", "v128", "4"

    def number(self, value: float) -> str:
        return f"(v128.const f32x4{f' {value!r}' * 4})"

    def clamped(self, x: str, low: float, high: float) -> str:
        # One instruction each, where max and min take seven to be exact about NaN and -0.
        return self.do("pmin", self.do("pmax", x, self.number(low)), self.number(high))

    def integer(self, value: int) -> str:
        return f"(v128.const i32x4{f' {value}' * 4})"

    def bits(self, x: str) -> str:
        return x

    def float_of_bits(self, x: str) -> str:
        return x

    def whole(self, x: str) -> str:
        return f"(i32x4.trunc_sat_f32x4_s {x})"

    def to_float(self, x: str) -> str:
        return f"(f32x4.convert_i32x4_s {x})"

    def either(self, test: str, yes: str, no: str) -> str:
        return f"(v128.bitselect {yes} {no} {test})"
