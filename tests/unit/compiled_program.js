(m, given, native) => {
  const { tanh, port } = m;
  const n0 = given["x"][0]; // n
  if (!(n0 >= 1)) return null;
  const n1 = 4 * n0;
  const n2 = 3 * n0;
  let top = 0;
  const take = (words) => { top += words; return top - words; };
  const s0 = take(n1);
  const s1 = take(12);
  const s2 = take(3);
  const s3 = take(n2);
  const s4 = take(n2);
  // Kernels as WebAssembly; null where the browser has none.
  const [memory, w] = native(4 * top, [n0, 4 * s0, 4 * s4, 4 * s1, 4 * s3, 4 * s2]);
  const F = new Float32Array(memory), I = new Int32Array(memory);
  const B = new Uint8Array(memory);
  // graph/MatMul
  function k0() {
    for (let i0 = 0, p1 = s0, p4 = s4; i0 < n0; i0++, p1 += 4, p4 += 3) {
      for (let i1 = 0, p2 = s1; i1 < 3; i1++, p2 += 1) {
        let a0 = 0;
        for (let r0 = 0, p3 = p2; r0 < 4; r0++, p3 += 3) {
          a0 += F[p1 + r0] * F[p3];
        }
        F[p4 + i1] = a0;
      }
    }
  }
  // graph/Tanh
  function k1() {
    for (let i0 = 0, p1 = s3, p2 = s4; i0 < n0; i0++, p1 += 3, p2 += 3) {
      for (let i1 = 0; i1 < 3; i1++) {
        F[p1 + i1] = tanh(F[p2 + i1] + F[s2 + i1]);
      }
    }
  }
  // graph/Sub
  function k2() {
    for (let i0 = 0, p1 = s1; i0 < 4; i0++, p1 += 3) {
      for (let i1 = 0; i1 < 3; i1++) {
        const x2 = F[p1 + i1];
        F[p1 + i1] = x2 - (x2 * 0.25);
      }
    }
  }
  return {
    memory,
    inputs: {
      "x": port("float32", s0, [n0, 4]),
      "state": port("float32", s1, [4, 3]),
    },
    outputs: {
      "y": port("float32", s3, [n0, 3]),
      "next": port("float32", s1, [4, 3]),
    },
    constants: [port("float32", s2, [3])],
    run(wanted, changed) {
      if (w) w.g0(wanted);
      else {
        if (wanted & 1) {
          k0();
          k1();
        }
        if (wanted & 2) {
          k2();
        }
      }
    },
    carry() {
    },
    carried: ["state"],
    overwritten: ["state"],
  };
}
