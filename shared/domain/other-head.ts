/** What a person is to do about a second head of this lab, which answers at `host:port`. */
export const otherHeadSentence = (where: string): string =>
  `Another head of this lab answers at ${where}; stop one of the two, since a PC obeys whichever it finds first.`;
