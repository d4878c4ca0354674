import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'dist/',
      'examples/',
      'bench/peers/',
      'cdk.out/',
      'coverage/',
      '*.config.js',
      // Their types are in the packages of the site.
      'docs/.vitepress/**/*.js',
      'docs/.vitepress/config.ts',
      'docs/.vitepress/theme/',
      'test/system/package/synthesize.cjs',
      'test/system/package/lambda-runtime/rapid-client.mjs',
    ],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // Names with a dash or from the environment are read in brackets throughout.
      '@typescript-eslint/dot-notation': 'off',
      eqeqeq: 'error',
    },
  },
);
