/**
 * The largest message of the protocol, in either direction: four images of the largest size that a model takes (5 MB),
 * in base64, and their text. Beyond it stdio closes the connection and HTTP answers 413.
 */
export const maxMessageBytes = 32 * 1024 * 1024
