/**
 * A network of nodes and links, one object each, as TensorFlow Playground is written: what the
 * playground's compiled step is measured against. Plain JavaScript, nothing from elsewhere.
 */
class Link {
  constructor(source, target, weight) {
    Object.assign(this, { source, target, weight, gradient: 0 });
    source.outputs.push(this);
    target.inputs.push(this);
  }
}

class Unit {
  constructor(bias) {
    Object.assign(this, { bias, inputs: [], outputs: [], value: 0, total: 0 });
    Object.assign(this, { slope: 0, gradient: 0 });
  }

  forward() {
    this.total = this.bias;
    for (const link of this.inputs) this.total += link.weight * link.source.value;
    this.value = Math.tanh(this.total);
  }
}

/** The loss is the square of the difference between the last unit's tanh and the label. */
class PlainNetwork {
  /** `layers`: for each layer (before + 1) rows of as many numbers as it has units; biases last. */
  constructor(layers) {
    const inputs = Array.from({ length: layers[0].length - 1 }, () => new Unit(0));
    this.layers = [inputs];
    for (const rows of layers) {
      const biases = rows[rows.length - 1];
      const units = biases.map((bias) => new Unit(bias));
      units.forEach((unit, to) => {
        this.layers.at(-1).forEach((source, from) => new Link(source, unit, rows[from][to]));
      });
      this.layers.push(units);
    }
    this.output = this.layers.at(-1)[0];
  }

  forward(xy) {
    this.layers[0].forEach((unit, i) => (unit.value = xy[i]));
    for (let at = 1; at < this.layers.length; at++) for (const unit of this.layers[at]) unit.forward();
    return this.output.value;
  }

  backward(label) {
    this.output.slope = 2 * (this.output.value - label);
    for (let at = this.layers.length - 1; at >= 1; at--) {
      for (const unit of this.layers[at]) {
        const slope = unit.slope * (1 - unit.value * unit.value);
        unit.gradient += slope;
        for (const link of unit.inputs) link.gradient += slope * link.source.value;
        unit.slope = slope;
      }
      if (at === 1) continue;
      for (const unit of this.layers[at - 1]) {
        unit.slope = 0;
        for (const link of unit.outputs) unit.slope += link.weight * link.target.slope;
      }
    }
  }

  update(rate, examples) {
    for (const layer of this.layers.slice(1)) {
      for (const unit of layer) {
        unit.bias -= (rate * unit.gradient) / examples;
        unit.gradient = 0;
        for (const link of unit.inputs) {
          link.weight -= (rate * link.gradient) / examples;
          link.gradient = 0;
        }
      }
    }
  }

  loss(points) {
    return points.reduce((sum, { xy, label }) => sum + (this.forward(xy) - label) ** 2, 0) / points.length;
  }

  /** As many steps of SGD; as the compiled step does, each looks at as many test examples, too. */
  train(training, test, { batch, rate, steps }) {
    let seen = 0;
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < batch; i++) {
        const { xy, label } = training[(step * batch + i) % training.length];
        this.forward(xy);
        this.backward(label);
      }
      for (let i = 0; i < batch; i++) {
        const { xy, label } = test[(step * batch + i) % test.length];
        seen += (this.forward(xy) - label) ** 2;
      }
      this.update(rate, batch);
    }
    return seen;
  }
}
