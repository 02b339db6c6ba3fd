/** A command that was declined; with the code "lost", its outcome is unknown. */
export class Refused extends Error {
  /**
   * @param {string} code for programs
   * @param {string} text for people
   */
  constructor(code, text) {
    super(text);
    this.code = code;
    this.text = text;
  }
}
