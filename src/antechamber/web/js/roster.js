/** Who is in the channel: as the server tells it whole, and as entries change it from then on. */

/**
 * @typedef {{name: string, since: number, activeAt: number, mutedUntil: number, away: boolean}} SeatedMember
 * @typedef {{name: string, since: number, away: boolean}} WaitingMember
 */

export class Roster {
  /** In the order of their seating. @type {Map<string, SeatedMember>} */
  seated = new Map();
  /** In the order of the line. @type {Map<string, WaitingMember>} */
  waiting = new Map();
  /** What is told up to this entry is in it. */
  #sequence = Infinity;

  /** Nothing is known, until it is told. */
  clear() {
    this.seated.clear();
    this.waiting.clear();
    this.#sequence = Infinity;
  }

  /** @param {any} members the server's notice of all there are */
  set({ time, sequence, seated, waiting }) {
    this.#sequence = sequence;
    this.seated = new Map(
      seated.map(({ name, since, idle_seconds: idle = 0, muted_seconds: muted = 0, away = false }) => [
        name,
        { name, since, activeAt: time - idle, mutedUntil: muted ? time + muted : 0, away },
      ]),
    );
    this.waiting = new Map(waiting.map(({ name, since, away = false }) => [name, { name, since, away }]));
  }

  /**
   * @param {any} entry
   * @returns {boolean} whether anything changed
   */
  apply({ sequence, time, event }) {
    if (sequence <= this.#sequence) return false;
    this.#sequence = sequence;
    const { type, name } = event;
    const seat = this.seated.get(name);
    if (type === 'queued') this.waiting.set(name, { name, since: time, away: false });
    else if (type === 'seated') {
      const away = this.waiting.get(name)?.away ?? false;
      this.waiting.delete(name);
      this.seated.set(name, { name, since: time, activeAt: time, mutedUntil: 0, away });
    } else if (type === 'left') (event.seated === false ? this.waiting : this.seated).delete(name);
    else if (type === 'emptied') this.seated.clear();
    else if (type === 'moved') this.#move(name, event.ahead);
    else if (type === 'said' && seat) seat.activeAt = Math.max(seat.activeAt, time);
    else if (type === 'muted' && seat) {
      // The idle clock stands still as long as the mute lasts.
      const until = time + event.seconds;
      seat.activeAt += until - Math.max(seat.mutedUntil, time);
      seat.mutedUntil = until;
    } else return false;
    return true;
  }

  #move(name, ahead) {
    const member = this.waiting.get(name);
    if (!member) return;
    const others = [...this.waiting.values()].filter((each) => each !== member);
    others.splice(ahead, 0, member);
    this.waiting = new Map(others.map((each) => [each.name, each]));
  }

  /** @param {any} presence what no entry tells */
  sense({ time, active = [], away = [], back = [] }) {
    for (const name of active) {
      const seat = this.seated.get(name);
      if (seat && seat.mutedUntil <= time) seat.activeAt = Math.max(seat.activeAt, time);
    }
    for (const name of away) this.#setAway(name, true);
    for (const name of back) this.#setAway(name, false);
  }

  #setAway(name, away) {
    const member = this.seated.get(name) ?? this.waiting.get(name);
    if (member) member.away = away;
  }
}
