using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedQueue.Contracts;
using RabbitMQ.Client;

namespace FedQueue.System.Tests.Queue;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("rabbit.example", "rabbit.example")]
    [InlineData("a,b, c", "a", "b", "c")]
    [InlineData("10.0.0.7", "10.0.0.7")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("docker_host-1", "docker_host-1")]
    public void Names_addresses_and_lists_of_them_are_hosts(string host, params string[] hosts) =>
        Assert.Equal(hosts.Order(), BrokerAddress.From(new() { Host = host }).All().Select(node => node.HostName).Order());

    [Theory]
    [InlineData("rabbit:5672")]
    [InlineData("a b")]
    [InlineData("a,,b")]
    [InlineData("")]
    [InlineData("rabbit/vhost")]
    [InlineData("https://rabbit.example")]
    [InlineData("amqp://")]
    public void Anything_else_is_a_sentence(string host) =>
        Assert.StartsWith("FedQueue:RabbitMq:Host is ", Assert.Throws<StartupException>(() => BrokerAddress.From(new() { Host = host })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_url_says_all_and_what_it_leaves_out_is_as_set_beside_it()
    {
        var whole = BrokerAddress.From(new() { Host = "amqps://ann:se%40cret@rabbit.example/my%2Fhost", User = "other", Password = "other" });
        Assert.Equal(("rabbit.example", 5671, "my/host", "ann", "se@cret"), (whole.Hosts[0], whole.Port, whole.VirtualHost, whole.User, whole.Password));
        Assert.NotNull(whole.Certificate);

        var little = BrokerAddress.From(new() { Host = "amqp://rabbit.example:5699", User = "ann", Password = "secret", VirtualHost = "v" });
        Assert.Equal((5699, "v", "ann", "secret"), (little.Port, little.VirtualHost, little.User, little.Password));
        Assert.Null(little.Certificate);

        // It may hold the password.
        Assert.DoesNotContain("secret", Assert.Throws<StartupException>(() => BrokerAddress.From(new() { Host = "amqp://ann:secret@" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_connection_begins_with_the_next_node()
    {
        var cluster = BrokerAddress.From(new() { Host = "a,b,c" });

        Assert.Equal(["a b c", "b c a", "c a b", "a b c"], Enumerable.Range(0, 4).Select(_ => string.Join(' ', cluster.All().Select(node => node.HostName))));
        Assert.True(cluster.HasQuorum);
        Assert.False(BrokerAddress.From(new()).HasQuorum);
    }

    [Fact]
    public async Task A_certificate_is_verified_by_chain_and_name_and_the_refusal_says_both()
    {
        using var folder = new OneProcess.TemporaryFolder();
        using var authority = Certificate("CN=Our authority", null, isAuthority: true);
        using var stranger = Certificate("CN=Another authority", null, isAuthority: true);
        using var good = Certificate("CN=rabbit", authority, names: "localhost");
        using var misnamed = Certificate("CN=rabbit", authority, names: "rabbit.example");
        using var foreign = Certificate("CN=rabbit", stranger, names: "localhost");
        var caFile = Path.Combine(folder.Path, "ca.pem");
        await File.WriteAllTextAsync(caFile, authority.ExportCertificatePem());

        // Nobody speaks AMQP behind it: who trusts the certificate waits for that in vain.
        Assert.Null(await RefusalOf(good, caFile));
        Assert.EndsWith("; expected was the name localhost.", await RefusalOf(misnamed, caFile), StringComparison.Ordinal);
        Assert.Contains("the broker's certificate is of rabbit.example, issued by CN=Our authority, valid from ", await RefusalOf(misnamed, caFile), StringComparison.Ordinal);
        Assert.EndsWith($"; expected was a valid one of an authority in {caFile}.", await RefusalOf(foreign, caFile), StringComparison.Ordinal);
        Assert.EndsWith("; expected was a valid one of an authority that this system trusts (or one in FedQueue:RabbitMq:CaFile).", await RefusalOf(good, null), StringComparison.Ordinal);
    }

    private static async Task<string?> RefusalOf(X509Certificate2 shown, string? caFile)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve(listener, shown);
        var broker = BrokerAddress.From(new() { Host = "localhost", Port = ((IPEndPoint)listener.LocalEndpoint).Port, Tls = true, CaFile = caFile });
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => Transport.ConnectionTo(broker).CreateConnectionAsync());
        listener.Stop();
        await serving;
        return BrokerRefusal.SentenceOf(exception, broker);
    }

    private static async Task Serve(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            await tls.ReadAtLeastAsync(new byte[8], 8, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is IOException or global::System.Security.Authentication.AuthenticationException)
        {
            // The client does not want it.
        }
    }

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer, bool isAuthority = false, string? names = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (names is not null)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            alternatives.AddDnsName(names);
            request.CertificateExtensions.Add(alternatives.Build());
        }

        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(isAuthority ? 30 : 20));
        using var certificate = issuer is null ? request.CreateSelfSigned(from, to) : request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
