// The native part of payglot stays outside of the bundle.
export default { serverExternalPackages: ['payglot'] }
