import Button, { type ButtonProps } from '@cloudscape-design/components/button';

/** The colors are in console.css, for light and dark. */
const FILLED: ButtonProps.Style = {
  root: {
    background: {
      default: 'var(--danger-fill)',
      hover: 'var(--danger-fill-hover)',
      active: 'var(--danger-fill-hover)',
    },
    borderColor: {
      default: 'var(--danger-fill)',
      hover: 'var(--danger-fill-hover)',
      active: 'var(--danger-fill-hover)',
    },
    color: { default: 'var(--danger-on-fill)', hover: 'var(--danger-on-fill)', active: 'var(--danger-on-fill)' },
  },
};
const OUTLINED: ButtonProps.Style = {
  root: {
    borderColor: { default: 'var(--danger)', hover: 'var(--danger)', active: 'var(--danger)' },
    color: { default: 'var(--danger)', hover: 'var(--danger)', active: 'var(--danger)' },
    background: { hover: 'var(--danger-tint)', active: 'var(--danger-tint)' },
  },
};

/** A button for an action that can't be undone: outlined on a page, and filled as the primary action of a dialog. */
export function DangerButton(props: ButtonProps) {
  return <Button {...props} style={props.variant === 'primary' ? FILLED : OUTLINED} />;
}
