// CPU per prefixed-api-key check: the hash alone, without any store.
import { checkAPIKey, generateAPIKey } from 'prefixed-api-key';

const { token, longTokenHash } = await generateAPIKey({ keyPrefix: 'lk' });
if (!checkAPIKey(token, longTokenHash)) throw new Error('the key was refused');

const calls = Number(process.argv[2]) * 10;
for (let call = 0; call < 5000; call++) checkAPIKey(token, longTokenHash);
const start = process.cpuUsage();
for (let call = 0; call < calls; call++) checkAPIKey(token, longTokenHash);
const { user: cpu, system } = process.cpuUsage(start);
console.log(JSON.stringify((cpu + system) / calls));
