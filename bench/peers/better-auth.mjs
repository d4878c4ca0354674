// CPU per Better Auth verifyApiKey: its store the memory adapter, rate limiting off.
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';

const now = new Date();
const user = { id: 'u1', email: 'a@example.com', name: 'a', emailVerified: true, createdAt: now, updatedAt: now };
const { api } = betterAuth({
  database: memoryAdapter({ user: [user], session: [], account: [], verification: [], apikey: [] }),
  secret: 'not a secret, only long enough for a benchmark',
  baseURL: 'http://localhost',
  plugins: [apiKey({ rateLimit: { enabled: false } })],
  telemetry: { enabled: false },
  logger: { disabled: true },
});
const { key } = await api.createApiKey({ body: { userId: user.id, name: 'bench' } });
const check = () => api.verifyApiKey({ body: { key } });
if (!(await check()).valid) throw new Error('the key was refused');

const calls = Number(process.argv[2]);
for (let call = 0; call < 500; call++) await check();
const start = process.cpuUsage();
for (let call = 0; call < calls; call++) await check();
const { user: cpu, system } = process.cpuUsage(start);
console.log(JSON.stringify((cpu + system) / calls));
