/** Steps in an order in which each comes after its needs, and the circles that have no such order. Steps are numbers. */
export interface StepOrder {
  readonly order: readonly number[];
  /** Each circle begins with its first step in the file; every one needs the next, the last needs the first. */
  readonly circles: readonly (readonly number[])[];
}

/** Orders steps by their needs (depth first; an edge back into the current way closes a circle). */
export function orderSteps(needs: readonly (readonly number[])[]): StepOrder {
  const order: number[] = [];
  const circles: (readonly number[])[] = [];
  const done = new Set<number>();
  for (let root = 0; root < needs.length; root += 1) visit(root);
  return { order, circles };

  function visit(root: number): void {
    const way: { readonly step: number; next: number }[] = [];
    const onWay = new Set<number>();
    const enter = (step: number): void => {
      way.push({ step, next: 0 });
      onWay.add(step);
    };
    if (!done.has(root)) enter(root);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const need = needs[top.step]?.[top.next];
      top.next += 1;
      if (need === undefined) {
        way.pop();
        onWay.delete(top.step);
        done.add(top.step);
        order.push(top.step);
      } else if (onWay.has(need)) circles.push(fromFirst(way.slice(way.findIndex(({ step }) => step === need)).map(({ step }) => step)));
      else if (!done.has(need)) enter(need);
    }
  }
}

function fromFirst(circle: readonly number[]): readonly number[] {
  const first = circle.indexOf(Math.min(...circle));
  return [...circle.slice(first), ...circle.slice(0, first)];
}
