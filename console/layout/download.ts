interface Download {
  readonly name: string;
  readonly text: string;
  /** The media type. */
  readonly type: string;
}

/** Saves a text as a file. The browser doesn't send it anywhere. */
export function download({ name, text, type }: Download): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
