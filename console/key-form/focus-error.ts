/** Focuses the first invalid field of a form and scrolls to it. Without an invalid field, it scrolls to the error summary. */
export function focusError(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  field?.focus({ preventScroll: true });
  (field ?? form.querySelector('[data-error-summary]'))?.scrollIntoView({ block: 'center' });
}
