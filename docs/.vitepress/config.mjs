import { defineConfig } from 'vitepress';

const guide = (text, name) => ({ text, link: `/guides/${name}` });

export default defineConfig({
  title: 'Ordeal',
  description: 'Kernel and I/O fault injection for Linux and Kubernetes',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  outDir: process.env.DOCS_OUTPUT,
  cacheDir: '../.cache/vitepress',
  // Files of the repository that are not pages: examples, sources.
  ignoreDeadLinks: [
    /\.\.\/(\.\.\/)?(examples|packages|charts|bench|README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)/,
  ],
  themeConfig: {
    search: { provider: 'local' },
    sidebar: [
      {
        text: 'Begin here',
        items: [
          { text: 'What it is', link: '/' },
          { text: 'How it compares', link: '/comparison' },
          { text: 'Coming from Chaos Mesh', link: '/from-chaos-mesh' },
          { text: 'Non-goals', link: '/non-goals' },
        ],
      },
      {
        text: 'Guides',
        items: [
          guide('I/O faults', 'io-faults'),
          guide('Faults of disks', 'disk-faults'),
          guide('Power loss', 'power-loss'),
          guide('Sweeping over I/O', 'sweep-io'),
          guide('Kernel requests', 'kernel-faults'),
          guide('System calls', 'system-calls'),
          guide('Detached runs', 'detached-runs'),
          guide('Looking at a run', 'looking'),
          guide('In tests', 'in-tests'),
          guide('Kubernetes', 'kubernetes'),
          guide('The lab', 'lab'),
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'Commands', link: '/reference/cli' },
          { text: 'Documents', link: '/reference/documents' },
          { text: 'Errors', link: '/reference/errors' },
          { text: 'Security', link: '/security' },
          { text: 'Dependencies', link: '/dependencies' },
        ],
      },
    ],
  },
});
