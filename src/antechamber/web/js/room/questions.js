/** Questions to the log, one after the other: the server takes one at a time of a session. */

const AGAIN_MILLISECONDS = 500;
/** Refusals that another try soon will not meet; who was just seated may for a moment still count as waiting. */
const PASSING = new Set(['busy', 'too-fast', 'lost', 'waiting']);

export class Questions {
  #last = Promise.resolve();

  /**
   * Ask when the question before this one has its answer. What is declined for the moment alone is asked again.
   * @template T
   * @param {() => Promise<T>} ask
   * @param {() => boolean} wanted whether the answer still is
   * @returns {Promise<T | null>} null where it was not wanted any more; rejects with Refused
   */
  ask(ask, wanted) {
    const answer = this.#last.then(() => this.#ask(ask, wanted));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(ask, wanted) {
    while (wanted()) {
      try {
        const answer = await ask();
        return wanted() ? answer : null;
      } catch (refused) {
        if (!PASSING.has(refused.code)) throw refused;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      }
    }
    return null;
  }
}
