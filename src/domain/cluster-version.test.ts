import t from 'tap';
import { cluster } from './cluster.ts';
import { clusterVersion, configVersion } from './cluster-version.ts';

t.test('the version is the one that CLM writes', async (t) => {
  const checked = cluster.parse({
    id: 'aws:1:r:c',
    alias: 'whatever',
    local_id: 'c',
    infrastructure_account: 'aws:1',
    api_server_url: 'https://c.example.org',
    channel: 'dev',
    environment: 'test',
    criticality_level: 258,
    lifecycle_status: 'ready',
    provider: 'zalando-aws',
    region: 'r',
    config_items: { b: '2', a: '1', B: '3' },
    node_pools: [
      {
        name: 'n',
        profile: 'p',
        instance_types: ['m5.large', 'm5.xlarge'],
        discount_strategy: 'spot',
        min_size: 1,
        max_size: 300,
        config_items: { z: '', y: 'é' },
      },
    ],
  });
  t.equal(clusterVersion('<dir>', checked), '<dir>#tmT6XQHO4YAISbAGszLI4PeYA8Q');
});

t.test('several sources are named in the version', async (t) => {
  t.equal(configVersion([{ name: 'main' }]), '<dir>');
  t.equal(configVersion([{ name: 'main', revision: 'abc' }]), 'abc');
  t.equal(configVersion([{ name: 'main', revision: 'abc' }, { name: 'extra' }]), 'main=abc;extra=<dir>');
});
