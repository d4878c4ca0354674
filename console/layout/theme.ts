import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORED_AS = 'latchkey.theme';
const DARK = matchMedia('(prefers-color-scheme: dark)');

/** Applies the chosen theme, or the system's. The browser remembers the choice. */
export function useTheme(): readonly [theme: Theme, choose: (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(STORED_AS);
    return THEMES.find((one) => one === stored) ?? 'system';
  });
  useEffect(() => {
    const apply = () => {
      applyMode(theme === 'dark' || (theme === 'system' && DARK.matches) ? Mode.Dark : Mode.Light);
    };
    apply();
    localStorage.setItem(STORED_AS, theme);
    DARK.addEventListener('change', apply);
    return () => {
      DARK.removeEventListener('change', apply);
    };
  }, [theme]);
  return [theme, setTheme];
}
