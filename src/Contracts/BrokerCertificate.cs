using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace FedQueue.Contracts;

/// <summary>Decides whether who answers at the broker's address is the broker: by its chain and its name, always.</summary>
internal sealed class BrokerCertificate
{
    private readonly X509Certificate2Collection? authorities;
    private readonly string expected;

    private BrokerCertificate(X509Certificate2Collection? authorities, string expected) => (this.authorities, this.expected) = (authorities, expected);

    /// <param name="caFile">PEM file of the authorities that are trusted; null: those of this system.</param>
    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static BrokerCertificate From(string? caFile)
    {
        if (caFile is not { Length: > 0 })
            return new(null, "an authority that this system trusts (or one in FedQueue:RabbitMq:CaFile)");
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(caFile);
            return authorities.Count > 0 ? new(authorities, $"an authority in {caFile}")
                : throw new StartupException($"FedQueue:RabbitMq:CaFile is {caFile}, which holds no certificate; give a PEM file with the authority's.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"FedQueue:RabbitMq:CaFile is {caFile}, which cannot be read ({exception.Message.TrimEnd('.')}); give a PEM file with the authority's certificate.");
        }
    }

    public SslOption OptionFor(string host) => new()
    {
        Enabled = true,
        ServerName = host,
        Version = SslProtocols.None, // Whatever the system thinks safe.
        CertificateValidationCallback = (_, certificate, chain, errors) => Check(host, certificate, chain, errors),
    };

    /// <exception cref="BrokerCertificateException">It is not to be trusted.</exception>
    private bool Check(string host, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (presented is null)
            throw new BrokerCertificateException($"the broker at {host} shows no certificate");
        using var certificate = new X509Certificate2(presented);
        if (authorities is not null)
            errors = IsOfOurs(certificate, chain) ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors | SslPolicyErrors.RemoteCertificateChainErrors;
        if (errors == SslPolicyErrors.None)
            return true;

        var says = $"the broker's certificate is of {NamesOf(certificate)}, issued by {certificate.Issuer}, valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}";
        List<string> wanted = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            wanted.Add($"the name {host}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            wanted.Add($"a valid one of {expected}");
        throw new BrokerCertificateException($"{says}; expected was {string.Join(" and ", wanted)}");
    }

    private bool IsOfOurs(X509Certificate2 certificate, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(ip => ip.ToString()))).ToList();
        return names.Count == 0 ? certificate.Subject : NameList.Of(names);
    }
}

/// <summary>Who answers is not the broker that is expected; the message is the reason, a part of a sentence.</summary>
internal sealed class BrokerCertificateException(string message) : AuthenticationException(message);
