/**
 * Performs all of it, several at a time: each place takes the next as soon as it is free.
 *
 * @template Task, Result
 * @param {readonly Task[]} tasks are begun in this order.
 * @param {number} places how many may run at the same time, at least 1.
 * @param {(task: Task, place: number) => Promise<Result>} perform is told which place it has, from 0.
 * @returns {Promise<Result[]>} in the order of `tasks`; rejects when one does, and begins no more.
 */
export async function sideBySide(tasks, places, perform) {
  const results = [];
  const waiting = tasks.entries();
  let stopped = false;
  const work = async (place) => {
    for (const [index, task] of waiting) {
      if (stopped) return;
      results[index] = await perform(task, place);
    }
  };
  const stop = (error) => {
    stopped = true;
    throw error;
  };
  await Promise.all(Array.from({ length: places }, (_, place) => work(place).catch(stop)));
  return results;
}
