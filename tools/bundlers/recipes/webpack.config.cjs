module.exports = {
  mode: 'production',
  target: 'node',
  entry: './call.cjs',
  output: { path: `${__dirname}/out`, filename: 'webpack.cjs' },
  externals: { payglot: 'commonjs payglot' },
}
