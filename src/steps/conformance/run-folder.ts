import { join } from 'node:path';

/** The files of one run. All that is known of it stands there, so that any process can take it up. */
export function runFolder(folder: string) {
  return {
    /** Administrator's credentials; there only while it runs. */
    kubeconfig: join(folder, 'kubeconfig'),
    /** Process id of the leader of the run's process group; made exclusively, so that a run is started once. */
    leader: join(folder, 'leader'),
    /** What must run and pass, written before the run. */
    selection: join(folder, 'selection.json'),
    exitCode: join(folder, 'exit-code'),
    log: join(folder, 'e2e.log'),
    reports: join(folder, 'reports'),
    junit: join(folder, 'reports', 'junit_01.xml'),
    temporary: join(folder, 'tmp'),
  };
}
