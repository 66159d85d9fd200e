/** Users and groups as upstream's images have them; `user-defined-in-image` is asked for by the SupplementalGroups specs. */
export const userFiles = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
    'www-data:x:33:33:www-data:/var/www:/bin/false',
    'user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    '',
  ].join('\n'),
  group: [
    'root:x:0:',
    'daemon:x:1:',
    'tty:x:5:',
    'www-data:x:33:',
    'user-defined-in-image:x:1000:',
    'group-defined-in-image:x:50000:user-defined-in-image',
    'nogroup:x:65534:',
    '',
  ].join('\n'),
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
} as const;

export const shellScripts = {
  /** Debian's busybox shell drops environment variables with dots and dashes, which upstream's keeps: then bash takes its place. */
  busyboxShell: `#!/bin/bash-static
while IFS= read -r -d '' entry; do
  case \${entry%%=*} in *[!A-Za-z0-9_]*) exec -a "$0" /bin/bash-static "$@" ;; esac
done < /proc/self/environ
exec -a "$0" /bin/busybox "$@"
`,
  httpdForeground: '#!/bin/sh\nexec /bin/busybox httpd -f -p 80 -h /usr/local/apache2/htdocs\n',
} as const;

export const nginxConfig = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr;
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
  }
}
`;

/** What holds a pod's namespaces: waits for its end, and reaps what is left to it. */
export const pauseSource = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			os.Exit(0)
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err != nil || pid <= 0 {
				break
			}
		}
	}
}
`;
