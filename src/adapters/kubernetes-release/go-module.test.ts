import t from 'tap';
import { goModule } from './go-module.ts';

t.test(
  'what Kubernetes replaces by staging folders is required as published beside it, other replacements are left',
  async (t) => {
    const upstream = `module k8s.io/kubernetes

go 1.24.0

require k8s.io/api v0.0.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
	example.org/other => example.org/fork v1.0.0
)
`;
    t.equal(
      goModule('k8s.io/kubernetes', '1.34.4', upstream),
      `module fairway.local/release

go 1.24.0

require k8s.io/kubernetes v1.34.4

replace k8s.io/api => k8s.io/api v0.34.4
replace k8s.io/client-go => k8s.io/client-go v0.34.4
`,
    );
  },
);
